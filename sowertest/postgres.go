package sowertest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// database is a copy of a PostgreSQL database.
type database struct{ address string }

// inUse is how long is waited for other sessions of the database that is copied.
const inUse = 10 * time.Second

// copyDatabase makes a database after another one. The test's end drops it.
func copyDatabase(ctx context.Context, t testing.TB, address string) (place, error) {
	if strings.TrimSpace(address) == "" {
		return nil, errors.New("the address is empty: give that of a database with the schema, as postgres://localhost/shop or " +
			"sqlite:shop.db (where an environment variable has it: is it set?)")
	}
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err // pgx hides the password
	}
	source := cfg.Database
	if source == "" {
		return nil, errors.New("the address names no database: one that has the schema")
	}
	id := make([]byte, 5)
	_, _ = rand.Read(id)
	const most = 63 // bytes of a name
	end := "_" + hex.EncodeToString(id) + "_test"
	name := source[:min(len(source), most-len(end))] + end
	exec := func(ctx context.Context, statement string) error {
		side := cfg.Copy()
		side.Database = "postgres"
		conn, err := pgx.ConnectConfig(ctx, side)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, statement)
		return err
	}
	create := fmt.Sprintf("create database %s template %s", pgx.Identifier{name}.Sanitize(), pgx.Identifier{source}.Sanitize())
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		var pg *pgconn.PgError
		if err = exec(ctx, create); !errors.As(err, &pg) || pg.Code != "55006" || time.Since(began) > inUse {
			break
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "3D000" {
		return nil, fmt.Errorf("the database %s does not exist: create it, with the schema", source)
	}
	if err != nil {
		return nil, fmt.Errorf("copying the database %s: %w", source, err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(ctx)
		if err := exec(ctx, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)"); err != nil {
			t.Errorf("sowertest: %v", err)
		}
	})
	return &database{withDatabase(address, name)}, nil
}

// withDatabase gives the address of another database of the same server.
func withDatabase(address, name string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.Contains(address, "://") { // key=value: the last one counts
		return address + " dbname=" + name
	}
	u.Path = "/" + name
	q := u.Query()
	q.Del("dbname")
	q.Del("database")
	u.RawQuery = q.Encode()
	return u.String()
}

func (d *database) url() string { return d.address }

func (d *database) sql(context.Context) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(d.address)
	if err != nil {
		return nil, err
	}
	return stdlib.OpenDB(*cfg), nil
}

func (d *database) pool(ctx context.Context) (*pgxpool.Pool, error) {
	return pgxpool.New(ctx, d.address)
}
