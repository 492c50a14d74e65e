package session

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/gomodule/redigo/redis"
)

// Redis is a Store that several nodes share: sessions and what ends with them
// lie in Redis, which may forget; what must not be forgotten, such as who is
// barred, lies in another store.
type Redis struct {
	*redisstore.RedisStore
	pool    *redis.Pool
	lasting Store
}

const (
	redisPrefix  = "obpconsole:"
	redisTimeout = 5 * time.Second
	redisConns   = 32
)

// forgettable are the kinds that end with a session.
var forgettable = map[string]bool{kindLive: true, kindTrace: true, kindKept: true}

// CheckRedisURL says whether an address can be of a Redis server. Its error
// holds nothing of the address, in which a password may stand.
func CheckRedisURL(url string) error {
	if !strings.HasPrefix(url, "redis://") && !strings.HasPrefix(url, "rediss://") {
		return errors.New("wanted an address such as rediss://redis.example.com:6379/0")
	}
	return nil
}

// OpenRedis connects to the server at url. lasting keeps what must not be
// forgotten; it is closed with the Redis.
func OpenRedis(ctx context.Context, url string, lasting Store) (*Redis, error) {
	if err := CheckRedisURL(url); err != nil {
		return nil, err
	}
	dial := func(ctx context.Context) (redis.Conn, error) {
		return redis.DialURLContext(ctx, url, redis.DialConnectTimeout(redisTimeout), redis.DialReadTimeout(redisTimeout), redis.DialWriteTimeout(redisTimeout))
	}
	pool := &redis.Pool{MaxIdle: redisConns, MaxActive: redisConns, Wait: true, IdleTimeout: 4 * time.Minute, DialContext: dial,
		TestOnBorrowContext: func(ctx context.Context, c redis.Conn, used time.Time) error {
			if time.Since(used) < 5*time.Second {
				return nil
			}
			_, err := redis.DoContext(c, ctx, "PING")
			return err
		}}
	r := &Redis{RedisStore: redisstore.NewWithPrefix(pool, redisPrefix+"session:"), pool: pool, lasting: lasting}
	if err := r.ping(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("session: Redis: %w", err), pool.Close())
	}
	return r, nil
}

func (r *Redis) do(ctx context.Context, command string, args ...any) (any, error) {
	c, err := r.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return redis.DoContext(c, ctx, command, args...)
}

func (r *Redis) script(ctx context.Context, s *redis.Script, args ...any) (any, error) {
	c, err := r.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return s.DoContext(ctx, c, args...)
}

// swapValue replaces a session's value that is still the old one.
var swapValue = redis.NewScript(1, `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
return 1`)

// Swap implements Store.
func (r *Redis) Swap(ctx context.Context, token string, old, next []byte, expiry time.Time) (bool, error) {
	until := ""
	if next != nil {
		until = fmt.Sprint(expiry.UnixMilli())
	}
	return redis.Bool(r.script(ctx, swapValue, redisPrefix+"session:"+token, old, next, until))
}

// A kind's records are the fields of one hash: eight bytes of when it expires,
// then the value. Those that expire stand in a sorted set by when they do.
func recordsKey(kind string) string { return redisPrefix + "records:" + kind }
func expiryKey(kind string) string  { return redisPrefix + "expiry:" + kind }

func (r Record) pack() []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(r.ns())), r.Value...)
}

func unpack(b []byte) (Record, error) {
	if len(b) < 8 {
		return Record{}, errors.New("session: a record in Redis is cut off")
	}
	return Record{Value: b[8:], Expires: fromNS(int64(binary.BigEndian.Uint64(b)))}, nil
}

// Record implements Store.
func (r *Redis) Record(ctx context.Context, kind, key string) (Record, bool, error) {
	if !forgettable[kind] {
		return r.lasting.Record(ctx, kind, key)
	}
	b, err := redis.Bytes(r.do(ctx, "HGET", recordsKey(kind), key))
	if errors.Is(err, redis.ErrNil) {
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, err
	}
	out, err := unpack(b)
	return out, err == nil, err
}

// Change implements Store.
func (r *Redis) Change(ctx context.Context, kind, key string, fn func(*Record) (*Record, error)) error {
	if !forgettable[kind] {
		return r.lasting.Change(ctx, kind, key, fn)
	}
	return changeBySwap(ctx, r, kind, key, fn)
}

// swapOne replaces a record that is still the old one; empty stands for none.
var swapOne = redis.NewScript(2, `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
if ARGV[4] == '' then redis.call('ZREM', KEYS[2], ARGV[1]) else redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1]) end
return 1`)

func (r *Redis) swapRecord(ctx context.Context, kind, key string, old, next *Record) (bool, error) {
	var was, will []byte
	until := ""
	if old != nil {
		was = old.pack()
	}
	if next != nil {
		if will = next.pack(); !next.Expires.IsZero() {
			until = fmt.Sprint(next.Expires.UnixMilli())
		}
	}
	return redis.Bool(r.script(ctx, swapOne, recordsKey(kind), expiryKey(kind), key, was, will, until))
}

// Records implements Store.
func (r *Redis) Records(ctx context.Context, kind string) (map[string]Record, error) {
	if !forgettable[kind] {
		return r.lasting.Records(ctx, kind)
	}
	list, err := redis.ByteSlices(r.do(ctx, "HGETALL", recordsKey(kind)))
	if err != nil {
		return nil, err
	}
	out := make(map[string]Record, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		if out[string(list[i])], err = unpack(list[i+1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Sweep implements Store.
func (r *Redis) Sweep(ctx context.Context, now time.Time) error {
	errs := []error{r.lasting.Sweep(ctx, now)}
	for kind := range forgettable {
		keys, err := redis.Strings(r.do(ctx, "ZRANGEBYSCORE", expiryKey(kind), "-inf", fmt.Sprint("(", now.UnixMilli())))
		errs = append(errs, err)
		for _, key := range keys {
			errs = append(errs, r.Change(ctx, kind, key, func(old *Record) (*Record, error) {
				if old != nil && old.Expires.Before(now) {
					return nil, nil
				}
				return old, nil
			}))
		}
	}
	return errors.Join(errs...)
}

// addCount adds to a count that is forgotten by itself.
var addCount = redis.NewScript(1, `
local n = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return n`)

func countKey(key string, since time.Time) string {
	return fmt.Sprint(redisPrefix, "count:", key, ":", since.UnixNano())
}

// Add implements Counts.
func (r *Redis) Add(ctx context.Context, key string, since time.Time, n int, keep time.Duration) (int, error) {
	return redis.Int(r.script(ctx, addCount, countKey(key, since), n, keep.Milliseconds()))
}

// Count implements Counts.
func (r *Redis) Count(ctx context.Context, key string, since time.Time) (int, error) {
	n, err := redis.Int(r.do(ctx, "GET", countKey(key, since)))
	if errors.Is(err, redis.ErrNil) {
		err = nil
	}
	return n, err
}

func (r *Redis) ping(ctx context.Context) error {
	_, err := r.do(ctx, "SET", redisPrefix+"ready", "1", "PX", 1000)
	return err
}

// Ready implements Store: both servers take writes.
func (r *Redis) Ready(ctx context.Context) error {
	if err := r.ping(ctx); err != nil {
		return fmt.Errorf("session: Redis: %w", err)
	}
	return r.lasting.Ready(ctx)
}

// Close ends the connections, and closes the lasting store.
func (r *Redis) Close() error { return errors.Join(r.pool.Close(), r.lasting.Close()) }
