-- +goose Up
-- who looked at whom, beside the chain; once a session and subject
CREATE TABLE reads (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, session_id TEXT NOT NULL, operator_id TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  UNIQUE (session_id, kind, subject));
CREATE INDEX reads_operator ON reads (operator_id, n);
CREATE INDEX reads_subject ON reads (subject, n);

-- +goose Down
DROP TABLE reads;
