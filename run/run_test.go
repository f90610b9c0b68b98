package run_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const admin = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"

// database is a fresh database of one of the kinds that the tests run against.
type database struct {
	kind string // "postgres" or "sqlite"
	open func() sink.Store
}

// everywhere runs a test on SQLite and on every PostgreSQL server.
func everywhere(t *testing.T, test func(t *testing.T, db database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x_test.db")
		test(t, database{"sqlite", func() sink.Store {
			s, err := sqlite.Open(context.Background(), "sqlite:"+path, sqlite.Options{Create: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		}})
	})
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "run")
		test(t, database{"postgres", func() sink.Store {
			s, err := postgres.Open(context.Background(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		}})
	})
}

// scenario is the built-in blueprint with small counts, and values over them.
func scenario(t testing.TB, values map[string]any) *blueprint.Blueprint {
	t.Helper()
	files, _ := blueprints.Open("genonaut")
	doc, err := blueprint.Open(files, "blueprint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]blueprint.Given{
		"admin_user_uuid":                {Value: admin},
		"target_rows_users":              {Value: int64(200)},
		"target_rows_content_items":      {Value: int64(700)},
		"target_rows_content_items_auto": {Value: int64(1500)},
	}
	for k, v := range values {
		given[k] = blueprint.Given{Value: v}
	}
	b, err := doc.Resolve(given, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ddl(t testing.TB, kind string) string {
	t.Helper()
	files, _ := blueprints.Open("genonaut")
	b, err := fs.ReadFile(files, kind+".sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func create(t testing.TB, s sink.Store, sql string) {
	t.Helper()
	if err := s.CreateSchema(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

// builder makes the plan of b against what s holds now.
func builder(t testing.TB, s sink.Store, b *blueprint.Blueprint, seed uint64) run.Builder {
	t.Helper()
	db, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return func(n int) (*plan.Plan, error) {
		r, err := infer.Complete(context.Background(), b, db, infer.Options{Seed: seed, AppendRun: n})
		if err != nil {
			return nil, err
		}
		return r.Plan, nil
	}
}

func generate(t testing.TB, s sink.Store, b *blueprint.Blueprint, seed uint64, o run.Options) *run.Report {
	t.Helper()
	report, err := run.Generate(context.Background(), s, builder(t, s, b, seed), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// verify checks every rule, and that there are some.
func verify(t testing.TB, s sink.Store, b *blueprint.Blueprint, seed uint64, o run.Options) *run.Verdict {
	t.Helper()
	v, err := run.Verify(context.Background(), s, builder(t, s, b, seed), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Rules {
		if !f.OK {
			t.Errorf("broken: %s: %s", f.Text, f.Detail)
		}
	}
	if len(v.Rules) < 50 || v.Cells < 1000 {
		t.Errorf("only %d rules and %d cells were looked at", len(v.Rules), v.Cells)
	}
	return v
}

// bareTable finds a table without its schema, and the character behind its name.
var bareTable = regexp.MustCompile(`\b(?:from|join) (?:only )?[a-z_][a-z0-9_]*(?:$|[^a-z0-9_])`)

func query(t testing.TB, s sink.Store, sql string) int64 {
	t.Helper()
	if s.Dialect().Name() == "postgres" { // whose store knows no bare names
		sql = bareTable.ReplaceAllStringFunc(sql, func(m string) string {
			if strings.ContainsAny(m[len(m)-1:], ".(") {
				return m
			}
			at := strings.LastIndexByte(strings.TrimRight(m, " "), ' ') + 1
			if strings.HasPrefix(m[at:], "pg_") {
				return m
			}
			return m[:at] + "public." + m[at:]
		})
	}
	n, err := s.QueryInt(context.Background(), sql, nil)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func want(t testing.TB, s sink.Store, n int64, sql string) {
	t.Helper()
	if got := query(t, s, sql); got != n {
		t.Errorf("%s gives %d, want %d", sql, got, n)
	}
}

// The whole scenario, made once; and the same call again adds nothing.
func TestGenerateAndAgain(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, ddl(t, db.kind))
		b := scenario(t, nil)
		report := generate(t, s, b, 1, run.Options{Workers: 3, BatchRows: 170})
		jobs := int64(2245) // 2200 / 0.98
		if report.State != "complete" || report.Rows != 200+700+1500+jobs {
			t.Errorf("state %s, %d rows", report.State, report.Rows)
		}
		verify(t, s, b, 1, run.Options{})
		independent(t, s, db.kind)
		want(t, s, jobs, "select count(*) from generation_jobs")

		again := generate(t, db.open(), b, 1, run.Options{BatchRows: 999})
		if again.State != "already complete" || again.Rows != 0 || again.Run != report.Run {
			t.Errorf("the second call: state %s, %d rows, run %d", again.State, again.Rows, again.Run)
		}
		want(t, s, 200, "select count(*) from users")
	})
}

// independent asks the scenario's rules in SQL of its own, apart from the engine's.
func independent(t *testing.T, s sink.Store, kind string) {
	t.Helper()
	length, prompt := "json_array_length(tags)", "item_metadata->>'prompt'"
	distinct := "select count(*) from %s i where (select count(distinct value) from json_each(i.tags)) <> json_array_length(tags)"
	if kind == "postgres" {
		length = "jsonb_array_length(tags)"
		distinct = "select count(*) from %s i where (select count(distinct value) from jsonb_array_elements_text(i.tags)) <> jsonb_array_length(tags)"
	}
	want(t, s, 198, "select count(*) from users where is_active")
	want(t, s, 1, "select count(*) from users where id = '"+admin+"' and is_active")
	want(t, s, 0, "select count(*) - count(distinct lower(username)) from users")
	want(t, s, 0, "select count(*) - count(distinct lower(email)) from users")
	want(t, s, 0, "select count(*) from users where created_at < '2025-05-01 04:00:00' or created_at > '2025-09-22 03:59:59' or updated_at < created_at or updated_at > '2025-09-22 03:59:59'")
	for _, table := range []string{"content_items", "content_items_auto"} {
		link := map[string]string{"content_items": "result_content_id", "content_items_auto": "result_content_auto_id"}[table]
		want(t, s, 50, "select count(*) from "+table+" where creator_id = '"+admin+"'")
		want(t, s, 0, "select count(*) from "+table+" where title <> substr("+prompt+", 1, 20)")
		want(t, s, 0, "select count(*) from "+table+" where content_type <> 'image' or content_data not like 'io/storage/images/%.png'")
		want(t, s, 0, "select count(*) from "+table+" where "+length+" not between 0 and 200")
		want(t, s, 0, fmt.Sprintf(distinct, table))
		want(t, s, 0, "select count(*) from "+table+" where quality_score not between 0 and 1 or abs(quality_score * 100 - round(quality_score * 100)) > 1e-9")
		want(t, s, 0, "select count(*) from "+table+" i join users u on u.id = i.creator_id where i.created_at < u.created_at or i.created_at > '2025-09-22 03:59:59'")
		want(t, s, query(t, s, "select count(*) from "+table), "select count(*) from "+table+" i join generation_jobs j on j."+link+" = i.id and j.status = 'completed' and j.user_id = i.creator_id and j.prompt = i."+prompt+" and j.completed_at <= i.created_at")
		want(t, s, 0, "select count(*) from (select "+link+" from generation_jobs where "+link+" is not null group by 1 having count(*) > 1) x")
	}
	want(t, s, 70, "select count(*) from content_items where is_private")
	want(t, s, 150, "select count(*) from content_items_auto where is_private")
	for status, n := range map[string]int64{"completed": 2200, "error": 23, "pending": 20, "canceled": 2} {
		want(t, s, n, "select count(*) from generation_jobs where status = '"+status+"'")
	}
	want(t, s, 0, "select count(*) from generation_jobs where status <> 'completed' and (result_content_id is not null or result_content_auto_id is not null)")
	want(t, s, 0, "select count(*) from generation_jobs where (status = 'pending') and started_at is not null")
	want(t, s, 0, "select count(*) from generation_jobs where status = 'error' and (started_at is null or error_message is null)")
	want(t, s, 0, "select count(*) from generation_jobs where status = 'completed' and not (created_at <= started_at and started_at <= completed_at and updated_at = completed_at)")
	want(t, s, 0, "select count(*) from generation_jobs j join users u on u.id = j.user_id where j.created_at < u.created_at")
	want(t, s, 0, "select count(*) from generation_jobs where updated_at < created_at or updated_at < coalesce(started_at, created_at)")
}

// Rows that are missing come back; a run whose rows are all gone is superseded.
func TestMissingRows(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, ddl(t, db.kind))
		b := scenario(t, nil)
		first := generate(t, s, b, 1, run.Options{})
		create(t, s, "delete from generation_jobs where id in (7, 8, 100); delete from generation_jobs where id > 2000; update users set is_active = is_active")
		report := generate(t, s, b, 1, run.Options{BatchRows: 64})
		if report.Rows != 3+245 || report.Run != first.Run {
			t.Errorf("%d rows were made by run %d", report.Rows, report.Run)
		}
		verify(t, s, b, 1, run.Options{})

		create(t, s, "delete from generation_jobs; delete from content_items; delete from content_items_auto; delete from users")
		report = generate(t, s, b, 1, run.Options{})
		if report.Run == first.Run || report.State != "complete" {
			t.Errorf("run %d is %s", report.Run, report.State)
		}
		verify(t, s, b, 1, run.Options{})
		want(t, s, 200, "select count(*) from users")
	})
}

// Other parameters, or another seed, over standing rows are refused; --append adds a run beside them.
func TestOtherRunRefusedAndAppend(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, ddl(t, db.kind))
		b := scenario(t, nil)
		generate(t, s, b, 1, run.Options{})
		for name, build := range map[string]run.Builder{
			"seed":       builder(t, s, b, 2),
			"parameters": builder(t, s, scenario(t, map[string]any{"target_rows_users": int64(201)}), 1),
		} {
			_, err := run.Generate(context.Background(), s, build, run.Options{})
			if err == nil || !strings.Contains(err.Error(), "--append") {
				t.Errorf("another %s: %v", name, err)
			}
		}
		want(t, s, 200, "select count(*) from users")

		report := generate(t, s, b, 1, run.Options{Append: true})
		if len(report.Adopted) != 1 {
			t.Errorf("adopted %v", report.Adopted)
		}
		want(t, s, 399, "select count(*) from users")
		want(t, s, 1400, "select count(*) from content_items")
		verify(t, s, b, 1, run.Options{})
		verify(t, s, b, 1, run.Options{Append: true})
	})
}

// Values of others that the run would draw are drawn again; the rows keep their keys, the others'
// rows stay as they are, and a standing admin is adopted.
func TestStandingRows(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, ddl(t, db.kind))
		b := scenario(t, nil)
		p, err := builder(t, s, b, 1)(0)
		if err != nil {
			t.Fatal(err)
		}
		names := cells(t, p, "users", "username", 200)
		emails := cells(t, p, "users", "email", 200)
		ids := cells(t, p, "users", "id", 200)
		insert := func(id, name, email string) string {
			return fmt.Sprintf("insert into users (id, username, email, created_at, updated_at, is_active) values ('%s', '%s', '%s', '2025-06-01', '2025-06-02', true);", id, name, email)
		}
		create(t, s, insert("00000000-0000-4000-8000-000000000001", names[3], "other@example.com")+
			insert("00000000-0000-4000-8000-000000000002", "someone", emails[9])+
			insert("00000000-0000-4000-8000-000000000003", names[150], emails[150])+
			insert(admin, "root", "root@example.com"))
		report := generate(t, s, b, 1, run.Options{Workers: 4, BatchRows: 33})
		if len(report.Conflicts) != 4 {
			t.Errorf("%d conflicts: %v", len(report.Conflicts), report.Conflicts)
		}
		if len(report.Adopted) != 1 || report.Adopted[0] != "users admin" {
			t.Errorf("adopted %v", report.Adopted)
		}
		want(t, s, 203, "select count(*) from users")
		want(t, s, 1, "select count(*) from users where id = '"+admin+"' and username = 'root' and created_at = '2025-06-01'")
		want(t, s, 1, fmt.Sprintf("select count(*) from users where id = '%s' and username <> '%s' and email = '%s'", ids[3], names[3], emails[3]))
		want(t, s, 1, fmt.Sprintf("select count(*) from users where id = '%s' and username = '%s' and email <> '%s'", ids[9], names[9], emails[9]))
		want(t, s, 1, "select count(*) from users where username = 'someone'")
		verify(t, s, b, 1, run.Options{})
		again := generate(t, s, b, 1, run.Options{})
		if again.State != "already complete" {
			t.Errorf("the second call: %s, %d rows", again.State, again.Rows)
		}
	})
}

// A run that is interrupted completes when it is repeated, and every batch stands whole.
func TestInterrupted(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, ddl(t, db.kind))
		b := scenario(t, nil)
		for after := 1; after < 40; after += 9 {
			ctx, cancel := context.WithCancel(context.Background())
			n := 0
			s := db.open()
			report, err := run.Generate(ctx, s, builder(t, s, b, 1), run.Options{Workers: 2, BatchRows: 100, Progress: func(e run.Event) {
				if e.Phase == "load" {
					if n++; n == after {
						cancel()
					}
				}
			}})
			cancel()
			if err == nil && report.State != "already complete" && report.State != "complete" {
				t.Fatalf("interrupted after %d batches: %s", after, report.State)
			}
			if err != nil && report.State != "interrupted" {
				t.Fatalf("interrupted after %d batches: %s, %v", after, report.State, err)
			}
			s.Close()
		}
		generate(t, s, b, 1, run.Options{})
		verify(t, s, b, 1, run.Options{})
		want(t, s, 2245, "select count(*) from generation_jobs")
		want(t, s, 200, "select count(*) from users")

		// Interrupted, and then someone empties a table that the ledger speaks of.
		create(t, s, "delete from generation_jobs; delete from content_items; delete from content_items_auto; delete from users")
		ctx, cancel := context.WithCancel(context.Background())
		s2 := db.open()
		_, err := run.Generate(ctx, s2, builder(t, s2, b, 1), run.Options{Workers: 1, BatchRows: 100, Progress: func(e run.Event) {
			if e.Table == "content_items_auto" {
				cancel()
			}
		}})
		s2.Close()
		if err == nil {
			t.Fatal("the run was not interrupted")
		}
		create(t, s, "delete from content_items where id % 2 = 0; delete from content_items_auto")
		generate(t, s, b, 1, run.Options{BatchRows: 100})
		verify(t, s, b, 1, run.Options{})
	})
}

// The database's own sequences never draw a key of ours.
func TestSequencesMoveOn(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		s, err := postgres.Open(context.Background(), srv.NewDatabase(t, "seq"), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		// One sequence for both tables, an identity for the third, and rows that stand.
		sql := ddl(t, "postgres")
		sql = "create sequence shared;" + strings.Replace(strings.Replace(sql, "id serial", "id integer default nextval('shared')", 2), "id serial", "id integer generated always as identity", 1)
		create(t, s, sql+`
			insert into users values ('00000000-0000-4000-8000-000000000001', 'a', 'a@example.com', now(), now(), null, true);
			insert into content_items (title, content_type, content_data, creator_id, created_at, updated_at, is_private)
				select 't', 'image', 'd', '00000000-0000-4000-8000-000000000001', now(), now(), false from generate_series(1, 5);`)
		b := scenario(t, nil)
		generate(t, s, b, 1, run.Options{})
		verify(t, s, b, 1, run.Options{})
		want(t, s, 0, "select count(*) from content_items a join content_items_auto b on a.id = b.id")
		create(t, s, `insert into content_items (title, content_type, content_data, creator_id, created_at, updated_at, is_private)
				select 't', 'image', 'd', '00000000-0000-4000-8000-000000000001', now(), now(), false from generate_series(1, 3);
			insert into generation_jobs (user_id, job_type, prompt, status, created_at, updated_at) values ('00000000-0000-4000-8000-000000000001', 'x', 'p', 'pending', now(), now());`)
		want(t, s, 708, "select count(*) from content_items")
		verify(t, s, b, 1, run.Options{})
	})
}

func cells(t testing.TB, p *plan.Plan, table, col string, n int) []string {
	t.Helper()
	tb := p.Table(table)
	b := batch(t, tb, tb.Column(col), n)
	out := make([]string, n)
	for i := range out {
		out[i] = b.String(i)
	}
	return out
}
