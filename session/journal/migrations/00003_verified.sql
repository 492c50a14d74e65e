-- +goose Up
-- how far the chain was found intact; sealed, and compared with the chain before it is believed
CREATE TABLE verified (id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL, hash BLOB NOT NULL, at INTEGER NOT NULL,
  whole_n INTEGER NOT NULL, whole_at INTEGER NOT NULL, faults INTEGER NOT NULL, seal BLOB NOT NULL);
CREATE INDEX entries_erasures ON entries (n) WHERE act = 'erase';

-- +goose Down
DROP INDEX entries_erasures; DROP TABLE verified;
