-- +goose Up
CREATE TABLE sessions (
    token  TEXT PRIMARY KEY, -- SHA-256 of the cookie's value
    data   BLOB NOT NULL,    -- encrypted
    expiry REAL NOT NULL     -- Julian day, UTC
);
CREATE INDEX sessions_expiry ON sessions (expiry);

CREATE TABLE records (
    kind    TEXT NOT NULL,
    key     TEXT NOT NULL,
    value   BLOB NOT NULL,
    expires INTEGER NOT NULL, -- ns since 1970; 0: never
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX records_expires ON records (expires) WHERE expires <> 0;

-- +goose Down
DROP TABLE records;
DROP TABLE sessions;
