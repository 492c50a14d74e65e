-- +goose Up
CREATE TABLE entries (
  n INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, act_id TEXT NOT NULL, parent_id TEXT NOT NULL, act TEXT NOT NULL,
  operator_id TEXT NOT NULL, person_id TEXT NOT NULL, role TEXT NOT NULL, bank_id TEXT NOT NULL, request_id TEXT NOT NULL,
  outcome TEXT NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL
);
CREATE INDEX entries_act ON entries (act_id, n);
CREATE INDEX entries_parent ON entries (parent_id, n);
CREATE INDEX entries_person ON entries (person_id, n);
CREATE INDEX entries_operator ON entries (operator_id, n);
CREATE INDEX entries_role ON entries (role, n);
CREATE INDEX entries_request ON entries (request_id, n);
CREATE INDEX entries_at ON entries (at);
CREATE INDEX entries_open ON entries (n) WHERE kind = 'intent';
CREATE TABLE texts (n INTEGER NOT NULL, field TEXT NOT NULL, salt BLOB NOT NULL, text TEXT NOT NULL, PRIMARY KEY (n, field)) WITHOUT ROWID;
CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL, hash BLOB NOT NULL, key_id TEXT NOT NULL, seal BLOB NOT NULL);
CREATE TABLE turns (user_id TEXT NOT NULL, role TEXT NOT NULL, bank_id TEXT NOT NULL, holder TEXT NOT NULL, act_id TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (user_id, role, bank_id)) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER texts_no_update BEFORE UPDATE ON texts BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE turns; DROP TABLE head; DROP TABLE texts; DROP TABLE entries;
