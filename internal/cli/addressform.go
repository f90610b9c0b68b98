package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/driver"
)

// addressForms are the addresses that there are.
const addressForms = "postgres://user:password@host:port/database or sqlite:PATH"

var schemeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// readAddress gives the URL that an address means. Beside what the drivers take, it reads the forms in which
// SQLAlchemy, JDBC and Prisma write the same, and the plain path of an SQLite file that is there. The error says what
// was probably meant, and quotes nothing that may be a password; from is where the address was found.
func readAddress(text, from string) (string, error) {
	if n := len(text); n > 1 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0] {
		text = text[1 : n-1]
	}
	text = strings.TrimSpace(text)
	scheme := schemeForm.FindString(text)
	rest := text[len(scheme):]
	switch tool, library, _ := strings.Cut(strings.TrimSuffix(scheme, ":"), "+"); {
	case scheme == "jdbc:":
		return readAddress(rest, from)
	case library != "" && (tool == "postgresql" || tool == "postgres"): // SQLAlchemy: postgresql+psycopg2://
		text = tool + ":" + rest
	case library != "" && tool == "sqlite": // SQLAlchemy: three slashes before a relative path, four before an absolute one
		return "sqlite:" + strings.TrimPrefix(rest, "///"), nil
	case scheme == "" && isSQLiteFile(text):
		return "sqlite:" + text, nil
	}
	switch driver.Of(text) {
	case driver.Postgres:
		return withoutForeign(text), nil
	case nil:
		return "", unknownAddress(text, from)
	}
	return text, nil
}

// isAddress tells whether an argument is an address rather than a file or a name.
func isAddress(text string) bool {
	if driver.Of(text) != nil || strings.Contains(text, "://") || userForm.MatchString(text) || isSQLiteFile(text) {
		return true
	}
	switch strings.ToLower(schemeForm.FindString(text)) {
	case "jdbc:", "sqlite:", "sqlite3:", "file:", "postgres:", "postgresql:":
		return true
	}
	return false
}

// foreignSettings are those that Prisma, JDBC and Rails put behind the question mark, and that no server knows.
var foreignSettings = []string{
	"schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "statement_cache_size", "sslaccept",
	"sslidentity", "ssl", "currentSchema", "reWriteBatchedInserts", "prepareThreshold", "stringtype", "pool",
	"prepared_statements", "encoding",
}

// withoutForeign leaves out what other tools alone read in a URL. What asks for TLS asks for it still.
func withoutForeign(url string) string {
	base, query, ok := strings.Cut(url, "?")
	if !ok || !strings.Contains(base, "://") {
		return url
	}
	pairs := strings.Split(query, "&")
	tls := slices.ContainsFunc(pairs, func(p string) bool {
		return p == "ssl=true" || p == "ssl=require" || p == "sslaccept=strict"
	})
	pairs = slices.DeleteFunc(pairs, func(pair string) bool {
		key, _, _ := strings.Cut(pair, "=")
		return slices.Contains(foreignSettings, key)
	})
	if tls && !slices.ContainsFunc(pairs, func(p string) bool { return strings.HasPrefix(p, "sslmode=") }) {
		pairs = append(pairs, "sslmode=require")
	}
	if len(pairs) == 0 {
		return base
	}
	return base + "?" + strings.Join(pairs, "&")
}

// otherDatabases are those that sower does not fill, by the schemes of their URLs.
var otherDatabases = map[string]string{
	"mysql": "MySQL", "mysql2": "MySQL", "mariadb": "MariaDB", "mssql": "SQL Server", "sqlserver": "SQL Server",
	"oracle": "Oracle", "mongodb": "MongoDB", "redis": "Redis", "duckdb": "DuckDB", "clickhouse": "ClickHouse",
	"libsql": "libSQL", "snowflake": "Snowflake",
}

// postgresNames are schemes that other tools have for PostgreSQL, and slips.
var postgresNames = []string{
	"pg", "pgsql", "psql", "pgx", "postgis", "postgre", "postgress", "postgresq", "postgresl", "postgressql",
}

// unknownAddress says what an address that no driver takes probably means.
func unknownAddress(text, from string) error {
	const want = "want " + addressForms
	scheme := schemeForm.FindString(text)
	rest := text[len(scheme):]
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimSuffix(scheme, ":")), "+")
	isPostgres := word == "postgres" || word == "postgresql"
	switch {
	case text == "":
		return usageHelp("%s is empty: %s", from, want)
	case strings.HasPrefix(text, "$"):
		return usageHelp("%s is %q: no variable was put in its place: %s", from, visible(text), want)
	case text == ":memory:":
		return usageHelp("%s: a database in memory would be gone with this process: give a file, sqlite:PATH", from)
	case hostForm.MatchString(strings.TrimPrefix(text, "//")): // before schemes: the host would be one
		return usageHelp("%s has no scheme: did you mean postgres://%s?", from, strings.TrimPrefix(text, "//"))
	case strings.Contains(text, "@") && !strings.Contains(text, "://") && !isPostgres:
		return usageHelp("%s has no scheme: did you mean postgres://USER:PASSWORD@%s?", from, hostOf(text))
	case word == "sqlite" || word == "sqlite3" || word == "file":
		path, _, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "?")
		return usageHelp("%s begins with %q: did you mean sqlite:%s?", from, scheme, foundPath(path))
	case isPostgres:
		good := word + "://"
		return usageHelp("%s begins with %q: write it as %q: did you mean %s?", from, scheme, good, postgresURL(word, rest))
	case otherDatabases[word] != "":
		other := otherDatabases[word]
		return usageHelp("%s begins with %q: sower fills PostgreSQL and SQLite, not %s: %s", from, scheme, other, want)
	case slices.Contains(postgresNames, word) || blueprint.Suggest(word, []string{"postgres", "postgresql"}) != "":
		return usageHelp("%s begins with %q: did you mean %s?", from, scheme, postgresURL("postgres", rest))
	case scheme != "" && len(scheme) <= 20 && (strings.HasPrefix(rest, "//") || len(scheme) > 2):
		return usageHelp("%s begins with %q, which is no database that sower knows: %s", from, scheme, want)
	case strings.ContainsAny(text, "@=?"): // any piece may be a password
		return usageHelp("%s has no scheme: %s", from, want)
	}
	return unknownPath(text, from)
}

// unknownPath says what an address without a scheme probably means: a file, or the name of a database.
func unknownPath(text, from string) error {
	info, err := os.Stat(text)
	pathLike := strings.ContainsAny(text, `/\`) || slices.Contains(fileEndings, strings.ToLower(filepath.Ext(text)))
	switch {
	case err == nil && info.IsDir():
		if files := databaseFiles(text); len(files) > 0 {
			return usageHelp("%s is a folder: did you mean sqlite:%s?", from, visible(files[0]))
		}
		return usageHelp("%s is a folder, and no SQLite file is in it: want %s", from, addressForms)
	case err == nil && info.Size() > 0:
		return usageHelp("%s is the path of a file that is no SQLite database: want %s", from, addressForms)
	case err == nil || pathLike:
		return usageHelp("%s has no scheme: want %s: did you mean sqlite:%s?", from, addressForms, visible(text))
	}
	return usageHelp("%s has no scheme: want %s: did you mean postgres://localhost/%s?", from, addressForms, visible(text))
}

// userForm begins with USER:PASSWORD@.
var userForm = regexp.MustCompile(`^[^/\s:@]+:[^\s]*@`)

// hostForm is HOST:PORT/DATABASE.
var hostForm = regexp.MustCompile(`^(?:[A-Za-z0-9.-]+:[0-9]+|localhost|[0-9]+(?:\.[0-9]+){3})(?:/[A-Za-z0-9_-]*)?$`)

// hostOf gives what stands behind the last @, without the settings: no password is there.
func hostOf(text string) string {
	host, _, _ := strings.Cut(text[strings.LastIndexByte(text, '@')+1:], "?")
	return visible(host)
}

// postgresURL puts what stands behind a wrong scheme behind the right one, without user, password and settings.
func postgresURL(scheme, rest string) string {
	if strings.Contains(rest, "@") {
		return scheme + "://USER:PASSWORD@" + hostOf(rest)
	}
	host, _, _ := strings.Cut(strings.TrimLeft(rest, "/"), "?")
	if !strings.HasPrefix(rest, "//") && !strings.ContainsAny(host, "/:.") { // the name of a database alone
		host = "localhost/" + host
	}
	if strings.Contains(strings.ReplaceAll(host, "[::1]", ""), ":") && !hostForm.MatchString(host) {
		host = "HOST/DATABASE"
	}
	return scheme + "://" + visible(host)
}

// fileEndings are those that SQLite files have.
var fileEndings = []string{".db", ".db3", ".sqlite", ".sqlite3", ".s3db"}

// foundPath gives a path at which a file is: as it stands, or where Prisma and Rails have theirs.
func foundPath(path string) string {
	rel := strings.TrimLeft(path, "/")
	for _, p := range []string{path, rel, filepath.Join("prisma", rel), filepath.Join("db", rel)} {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			return visible(p)
		}
	}
	return visible(path)
}

// isSQLiteFile tells whether a path is that of an SQLite database that holds something.
func isSQLiteFile(path string) bool {
	const magic = "SQLite format 3\x00"
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(magic))
	n, _ := f.Read(head)
	return string(head[:n]) == magic
}

// databaseFiles are the SQLite files of a folder.
func databaseFiles(dir string) (files []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); e.Type()&fs.ModeType == 0 && isSQLiteFile(path) {
			files = append(files, path)
		}
	}
	return files
}

// missingFileHint says which file was probably meant by the URL of an SQLite file that is not there; "" where nothing
// is like it.
func missingFileHint(url string) string {
	path := sqlitePath(url)
	if rel := strings.TrimLeft(path, "/"); rel != path {
		if _, err := os.Stat(rel); err == nil { // others write sqlite:///PATH of a relative one
			return fmt.Sprintf(": did you mean sqlite:%s? (sqlite:///... is an absolute path)", visible(rel))
		}
	}
	files := databaseFiles(filepath.Dir(path))
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	if near := blueprint.Suggest(filepath.Base(path), names); near != "" {
		return fmt.Sprintf(": did you mean sqlite:%s?", visible(filepath.Join(filepath.Dir(path), near)))
	}
	if len(names) > 0 {
		return ": beside it there is " + visible(strings.Join(names[:min(len(names), 8)], ", "))
	}
	return ""
}

// sqlitePath is the path of an SQLite URL.
func sqlitePath(url string) string {
	path, _, _ := strings.Cut(strings.TrimPrefix(url, "sqlite:"), "?")
	return strings.TrimPrefix(path, "//")
}
