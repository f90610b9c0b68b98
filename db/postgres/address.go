package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// addressKeys are the keys with which an address in libpq's "key=value ..." form may begin.
var addressKeys = []string{
	"host", "hostaddr", "port", "dbname", "database", "user", "password", "passfile", "service", "servicefile", "sslmode",
	"sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "options", "target_session_attrs",
}

// Secrets gives the secrets of an address, as they are written there and as they are meant. Of a malformed one it rather
// gives too much.
func Secrets(raw string) (secrets []string) {
	add := func(text string) {
		secrets = append(secrets, text, decode(text), unescape(text))
	}
	for _, m := range keyValue.FindAllStringSubmatch(raw, -1) {
		if secret(m[1]) {
			add(m[2])
		}
	}
	_, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return secrets
	}
	if _, password, ok := strings.Cut(rest, ":"); ok {
		if at := strings.IndexByte(password, '@'); at >= 0 {
			add(password[:at])
			add(password[:strings.LastIndexByte(password, '@')])
		}
	}
	_, query, _ := strings.Cut(rest, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, ok := strings.Cut(pair, "="); ok && secret(decode(key)) {
			add(value)
			add(strings.ReplaceAll(value, "+", " "))
		}
	}
	return secrets
}

// OtherDatabases gives the databases of the server, where err says that the one which url names is missing, and the
// server lets this user ask.
func OtherDatabases(ctx context.Context, url string, err error) (missing string, names []string) {
	cfg, bad := parse(url)
	if bad != nil || code(err) != "3D000" {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	missing = databaseName(cfg)
	cfg.Database = "postgres"
	pg, bad := pgconn.ConnectConfig(ctx, cfg)
	if bad != nil {
		return missing, nil
	}
	defer pg.Close(ctx)
	results, bad := pg.Exec(ctx, "select d.datname from pg_catalog.pg_database d "+
		"where d.datallowconn and not d.datistemplate").ReadAll()
	if bad = errors.Join(bad, ctx.Err()); bad != nil || len(results) == 0 {
		return missing, nil
	}
	for _, row := range results[0].Rows {
		names = append(names, string(row[0]))
	}
	slices.Sort(names)
	return missing, names
}

// NamesDatabase tells whether an address itself has the database's name: it is not left to PGDATABASE,
// a service file or the user's name.
func NamesDatabase(url string) bool {
	if IsKeyValue(url) {
		return len(namedDatabases(url)) > 0
	}
	_, rest, _ := strings.Cut(url, "://")
	rest, query, _ := strings.Cut(rest, "?")
	if _, path, ok := strings.Cut(rest, "/"); ok && strings.Trim(path, "/ ") != "" {
		return true
	}
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(pair, "="); (key == "dbname" || key == "database") && value != "" {
			return true
		}
	}
	return false
}

// IsKeyValue tells whether an address is in libpq's key=value form.
func IsKeyValue(text string) bool {
	key, _, ok := strings.Cut(text, "=")
	return ok && slices.Contains(addressKeys, strings.TrimSpace(key))
}
