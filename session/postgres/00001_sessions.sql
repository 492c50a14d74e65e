-- +goose Up
CREATE TABLE sessions (
  token TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of the cookie's value
  data BYTEA NOT NULL,                -- encrypted
  expiry TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

CREATE TABLE records (
  kind TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL, value BYTEA NOT NULL,
  expires BIGINT NOT NULL, -- ns since 1970; 0: never
  PRIMARY KEY (kind, key)
);
CREATE INDEX records_expires ON records (expires) WHERE expires <> 0;

-- how often something was done within a window of time; key is an HMAC
CREATE TABLE counts (
  key TEXT COLLATE "C" NOT NULL, since BIGINT NOT NULL, -- ns since 1970
  n BIGINT NOT NULL, expires TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (key, since)
);
CREATE INDEX counts_expires ON counts (expires);
