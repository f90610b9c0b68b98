package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink/file"
)

func runGenonautDefault(ctx context.Context, b *bench, r *Result) error {
	s, err := atSize(times(1))
	if err != nil {
		return err
	}
	return b.besideCopy(ctx, r, s, "copy-text", 0.45)
}

func runGenonautBinary(ctx context.Context, b *bench, r *Result) error {
	s, err := atSize(times(1))
	if err != nil {
		return err
	}
	return b.besideCopy(ctx, r, s, "copy-binary", 0.45)
}

// runGenonaut1M makes a million items of 120,000. Seven pairs take well over an hour: it needs -full.
func runGenonaut1M(ctx context.Context, b *bench, r *Result) error {
	if !b.options.full {
		r.note("left out without -full")
		return nil
	}
	s, err := atSize(func(rows int64) int64 { return (25*rows + 2) / 3 })
	if err != nil {
		return err
	}
	return b.besideCopy(ctx, r, s, "copy-text", 0.45)
}

func runWide(ctx context.Context, b *bench, r *Result) error {
	return b.tableBesideCopy(ctx, r, "wide", 200_000)
}
func runBare(ctx context.Context, b *bench, r *Result) error {
	return b.tableBesideCopy(ctx, r, "bare", 1_000_000)
}

func runRandomKeys(ctx context.Context, b *bench, r *Result) error {
	return b.randomKeys(ctx, r, 100_000)
}
func runRandomKeysTenth(ctx context.Context, b *bench, r *Result) error {
	return b.randomKeys(ctx, r, 10_000)
}

func (b *bench) randomKeys(ctx context.Context, r *Result, accounts int64) error {
	s, err := b.ofTable("random-keys", accounts)
	if err != nil {
		return err
	}
	return b.besideCopy(ctx, r, s, "copy-text", 0.25)
}

// byHandGoal is the goal beside the best script by hand, where keys are in no order.
const byHandGoal = 0.85

// besideBare is the goal where there is nothing to build again: to make rows and load them is not to take noticeably
// longer than to load ready-made ones.
const besideBare = 1.05

func (b *bench) tableBesideCopy(ctx context.Context, r *Result, name string, rows int64) error {
	s, err := b.ofTable(name, rows)
	if err != nil {
		return err
	}
	return b.besideCopy(ctx, r, s, "copy-text", besideBare)
}

// runAccounts also lets pgbench make its own rows, on its side and on the server's.
func runAccounts(ctx context.Context, b *bench, r *Result) error {
	s, err := b.ofTable("accounts", 1_000_000)
	if err != nil {
		return err
	}
	if err := b.besideCopy(ctx, r, s, "copy-text", besideBare); err != nil {
		return err
	}
	d, err := b.newDatabase(ctx, r.Case, s)
	if err != nil {
		return err
	}
	for i, side := range []struct{ name, steps string }{{"pgbench -i", "dtgp"}, {"pgbench -i, rows made by the server", "dtGp"}} {
		kept, _, err := b.pairs(func() (usage, error) { return d.generate(ctx) }, func() (usage, error) {
			return b.pgbench(ctx, d, side.steps, max(1, s.rows/100_000))
		})
		if err != nil {
			return err
		}
		if ratio := r.row(side.name).compared(kept, side.name, s.rows); i == 0 {
			ratio.atMost(1)
		}
	}
	r.note("pgbench makes 100,000 accounts a scale, the primary key after them; sower's table has its key from the start")
	return d.drop(ctx)
}

// pgbench makes and fills pgbench's own tables.
func (b *bench) pgbench(ctx context.Context, d *database, steps string, scale int64) (usage, error) {
	if _, err := d.server.RunPsql(ctx, d.name, "checkpoint"); err != nil {
		return usage{}, err
	}
	psql, err := d.server.PsqlCommand(ctx, d.name)
	if err != nil {
		return usage{}, err
	}
	cmd := exec.CommandContext(ctx, "pgbench", "-i", "-q", "-I", steps, "-s", strconv.FormatInt(scale, 10), d.url)
	cmd.Env = psql.Env
	return d.timed(cmd)
}

func runGenonaut10k(ctx context.Context, b *bench, r *Result) error {
	s, err := atSize(func(int64) int64 { return 10_000 })
	if err != nil {
		return err
	}
	return b.besideCopy(ctx, r, s, "copy-text", 0.65)
}

// besideCopy fills the same empty tables, all indexes in place, by sower and by psql's \copy of the bytes
// that sower export wrote, in one of COPY's formats.
func (b *bench) besideCopy(ctx context.Context, r *Result, s *scenario, format string, goal float64) error {
	d, err := b.newDatabase(ctx, r.Case, s)
	if err != nil {
		return err
	}
	dir, err := b.folder(r.Case)
	if err != nil {
		return err
	}
	if _, err := d.generate(ctx); err != nil {
		return err
	}
	if _, err := b.timedSower(ctx, s.command("verify", "--database-url", d.url)...); err != nil {
		return err
	}
	if err := d.export(ctx, dir, format); err != nil {
		return err
	}
	ratio, err := b.compare(r, "psql \\copy", s.rows,
		func() (usage, error) { return d.generate(ctx) },
		func() (usage, error) { return d.copyFrom(ctx, dir, format) })
	if err != nil {
		return err
	}
	ratio.atMost(goal)
	if script := floorOf(s.blueprint.Name); script != "" {
		kept, _, err := b.pairs(func() (usage, error) { return d.generate(ctx) }, func() (usage, error) { return d.byHand(ctx, script, dir) })
		if err != nil {
			return err
		}
		if ratio := r.row("beside a script by hand").compared(kept, "script", s.rows); s.blueprint.Name == "random-keys" {
			ratio.atMost(byHandGoal)
		}
	}
	r.note("PostgreSQL %d with stock settings (fsync, full_page_writes and jit on); sower's time holds the start of the program, its record and ANALYZE", d.server.Version)
	r.note("rows were counted after every run; sower verify found every rule and cell right before the first")
	return d.drop(ctx)
}

// database is a PostgreSQL database with the scenario's tables.
type database struct {
	*bench
	scenario *scenario
	name     string
	url      string
	tables   []*table
}

// table is a table of a database, as SQL has it.
type table struct {
	name, columns, key string
	plan               string // as the plan names it
	rows               int64
}

// newDatabase makes a database with the scenario's schema, and starts the server where none runs.
func (b *bench) newDatabase(ctx context.Context, name string, s *scenario) (*database, error) {
	if err := b.startServer(ctx); err != nil {
		return nil, err
	}
	d := &database{bench: b, scenario: s, name: strings.ReplaceAll(name, "-", "_") + "_test"}
	d.url = b.server.URL(d.name)
	if err := b.server.CreateDatabase(ctx, d.name); err != nil {
		return nil, err
	}
	db, err := postgres.Open(ctx, d.url, postgres.Options{ApplicationName: "bench"})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ddl, err := s.ddl("postgres")
	if err != nil {
		return nil, err
	}
	if err := db.CreateSchema(ctx, ddl); err != nil {
		return nil, err
	}
	reflected, err := db.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	p, err := plan.Build(s.blueprint, reflected, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
	if err != nil {
		return nil, err
	}
	for _, t := range p.Tables {
		columns := make([]string, len(t.Out))
		for i, c := range t.Out {
			columns[i] = db.Dialect().Ident(c.Name)
		}
		d.tables = append(d.tables, &table{
			name: plan.TableSQL(db.Dialect(), t), columns: strings.Join(columns, ", "),
			plan: t.Name, rows: t.Rows,
		})
	}
	return d, nil
}

// startServer starts the server of this process, stock but for its locale, which is C.
func (b *bench) startServer(ctx context.Context) error {
	if b.server != nil {
		return nil
	}
	version := b.options.pg
	if version == 0 {
		if v := psqlVersion(ctx); slices.Contains(pgtest.Versions(), v) {
			version = v
		}
	}
	s, err := pgtest.Start(ctx, pgtest.Options{Version: version, Settings: map[string]string{"fsync": "on", "full_page_writes": "on", "jit": "on"}})
	if err != nil {
		return err
	}
	b.server = s
	if b.versions["postgres"], err = s.RunPsql(ctx, "postgres", "select 'PostgreSQL ' || current_setting('server_version')"); err != nil {
		return err
	}
	cmd, err := s.PsqlCommand(ctx, "postgres", "--version")
	if err != nil {
		return err
	}
	out, err := cmd.Output()
	b.versions["psql"] = strings.TrimSpace(string(out))
	return err
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// psqlVersion is the major version of the system's psql, 0 where there is none.
func psqlVersion(ctx context.Context) int {
	out, _ := exec.CommandContext(ctx, "psql", "--version").Output()
	if m := majorVersion.FindSubmatch(out); m != nil {
		v, _ := strconv.Atoi(string(m[1]))
		return v
	}
	return 0
}

// generate empties the tables and lets sower fill them.
func (d *database) generate(ctx context.Context) (usage, error) {
	if err := d.empty(ctx); err != nil {
		return usage{}, err
	}
	u, err := d.bench.generate(ctx, d.scenario, d.url)
	if err != nil {
		return usage{}, err
	}
	return u, d.count(ctx)
}

// copyFrom empties the tables and lets one session of psql load what dump has written.
func (d *database) copyFrom(ctx context.Context, dir, format string) (usage, error) {
	if err := d.empty(ctx); err != nil {
		return usage{}, err
	}
	manifest, err := file.ReadManifest(dir)
	if err != nil {
		return usage{}, err
	}
	options := ""
	if format == "copy-binary" {
		options = " with (format binary)"
	}
	var script strings.Builder
	for _, t := range d.tables {
		at := slices.IndexFunc(manifest.Tables, func(m file.ManifestTable) bool { return m.Name == t.plan })
		if at < 0 {
			return usage{}, fmt.Errorf("the manifest in %s has no table %s", dir, t.plan)
		}
		path := filepath.ToSlash(filepath.Join(dir, manifest.Tables[at].File))
		fmt.Fprintf(&script, "\\copy %s (%s) from '%s'%s\n", t.name, t.columns, strings.ReplaceAll(path, "'", "''"), options)
	}
	cmd, err := d.server.PsqlCommand(ctx, d.name, "-q", "-v", "ON_ERROR_STOP=1", "-f", "-")
	if err != nil {
		return usage{}, err
	}
	cmd.Stdin = strings.NewReader(script.String())
	u, err := d.timed(cmd)
	if err != nil {
		return usage{}, err
	}
	return u, d.count(ctx)
}

// export lets sower write the rows to files, by the types of the database.
func (d *database) export(ctx context.Context, dir, format string) error {
	_, err := d.timedSower(ctx, d.scenario.command("export", "--dir", dir, "--format", format, "--database-url", d.url, "--overwrite", "--progress", "none")...)
	return err
}

// empty brings the database back to where it began, and what is to be written onto the disk.
func (d *database) empty(ctx context.Context) error {
	var names []string
	for _, t := range d.tables {
		names = append(names, t.name)
	}
	sql := "set client_min_messages = warning; truncate " + strings.Join(names, ", ") + " restart identity; drop schema if exists sower cascade; checkpoint"
	_, err := d.server.RunPsql(ctx, d.name, sql)
	return err
}

// count is an error where a table has other than its rows.
func (d *database) count(ctx context.Context) error {
	var counts []string
	for _, t := range d.tables {
		counts = append(counts, "(select count(*) from "+t.name+")")
	}
	out, err := d.server.RunPsql(ctx, d.name, "select unnest(array["+strings.Join(counts, ", ")+"])")
	if err != nil {
		return err
	}
	for i, got := range strings.Fields(out) {
		if t := d.tables[i]; got != strconv.FormatInt(t.rows, 10) {
			return fmt.Errorf("%s has %s rows, want %d", t.name, got, t.rows)
		}
	}
	return nil
}

func (d *database) drop(ctx context.Context) error { return d.server.DropDatabase(ctx, d.name) }
