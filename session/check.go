package session

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
)

// CheckSQLite reads the whole file of a store and changes nothing in it, also
// while a console serves from it. It fails with fs.ErrNotExist when there is no
// file, and else says what is broken.
func CheckSQLite(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return fmt.Errorf("session: store: %w", err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check`).Scan(&verdict); err != nil {
		return fmt.Errorf("session: store: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("session: store: %s", verdict)
	}
	var n int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM records`).Scan(&n); err != nil {
		return fmt.Errorf("session: store: %w", err)
	}
	return nil
}
