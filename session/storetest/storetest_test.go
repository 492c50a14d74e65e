package storetest

import (
	"database/sql"
	"testing"

	"obpconsole/session/database"
)

func TestServersStart(t *testing.T) {
	p := StartPostgres(t, false)
	one, two := p.Database(t), p.Database(t)
	if one == two {
		t.Fatal("two databases have the same address")
	}
	db, err := database.Postgres(one, database.Options{Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got sql.NullString
	if err := db.QueryRowContext(t.Context(), `SELECT CAST(? AS text) || '?'`, "a").Scan(&got); err != nil || got.String != "a?" {
		t.Errorf("got %q, %v", got.String, err)
	}
	r := StartRedis(t)
	if one, two := r.Database(t), r.Database(t); one == two {
		t.Error("two databases of Redis have the same address")
	}
}
