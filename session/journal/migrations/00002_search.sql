-- +goose Up
-- one row an act: what of it changes or is not in entries' columns
CREATE TABLE acts (n INTEGER PRIMARY KEY, environment TEXT NOT NULL, outcome TEXT NOT NULL, open INTEGER NOT NULL);
CREATE INDEX acts_open ON acts (n) WHERE open = 1;
CREATE INDEX acts_outcome ON acts (outcome, n);
CREATE INDEX acts_environment ON acts (environment, n);
INSERT INTO acts SELECT n, json_extract(CAST(body AS TEXT), '$.environment'), o, kind = 'intent' AND o IN ('', 'unknown', 'granted_not_closed')
  FROM (SELECT n, body, kind, CASE kind WHEN 'event' THEN outcome ELSE
    coalesce((SELECT o.outcome FROM entries o WHERE o.act_id = e.act_id AND o.kind = 'outcome' ORDER BY o.n DESC LIMIT 1), '') END AS o
    FROM entries e WHERE kind IN ('intent','event'));
-- who was once called so, lower-cased; entry is 0 but for parties without a user id; last is the newest entry that holds the name
CREATE TABLE names (name TEXT NOT NULL, user_id TEXT NOT NULL, field TEXT NOT NULL, entry INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (name, user_id, field, entry)) WITHOUT ROWID;
INSERT INTO names SELECT lower(name), user_id, iif(user_id = '', field, ''), iif(user_id = '', n, 0), max(n) FROM (
    SELECT t.n, t.field, iif(t.field = 'operator', e.operator_id, e.person_id) AS user_id, json_extract(t.text, p.path) AS name
    FROM texts t JOIN entries e ON e.n = t.n, (SELECT '$.username' AS path UNION SELECT '$.email') p WHERE t.field IN ('operator','person'))
  WHERE name <> '' GROUP BY 1, 2, 3, 4;
-- by how much in all the clock ran back between two entries
CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), back INTEGER NOT NULL);
INSERT INTO clock SELECT 1, coalesce(sum(max(p.at - e.at, 0)), 0) FROM entries e JOIN entries p ON p.n = e.n - 1;
CREATE INDEX texts_ticket ON texts (text COLLATE NOCASE, n) WHERE field = 'ticket';
CREATE INDEX entries_opened ON entries (act, n) WHERE kind IN ('intent','event');
CREATE INDEX entries_bank ON entries (bank_id, n) WHERE kind IN ('intent','event');
DROP INDEX entries_open;

-- +goose Down
CREATE INDEX entries_open ON entries (n) WHERE kind = 'intent';
DROP INDEX entries_bank; DROP INDEX entries_opened; DROP INDEX texts_ticket;
DROP TABLE clock; DROP TABLE names; DROP TABLE acts;
