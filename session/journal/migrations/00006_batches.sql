-- +goose Up
-- how far each bulk act has come; the act, its items' acts and what was chosen are entries of the chain
CREATE TABLE batches (id TEXT PRIMARY KEY, n INTEGER NOT NULL, operator_id TEXT NOT NULL, open INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX batches_open ON batches (n) WHERE open = 1;
CREATE INDEX batches_operator ON batches (operator_id, n);
CREATE TABLE batch_items (batch_id TEXT NOT NULL REFERENCES batches (id), pos INTEGER NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL, act_id TEXT NOT NULL,
  person_id TEXT NOT NULL, role TEXT NOT NULL, bank_id TEXT NOT NULL, request_id TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (batch_id, pos)) WITHOUT ROWID;

-- +goose Down
DROP TABLE batch_items; DROP TABLE batches;
