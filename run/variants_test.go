package run_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// onPostgres runs a test in a fresh database of every server, after the given DDL.
func onPostgres(t *testing.T, sql string, test func(t *testing.T, s sink.Store)) {
	t.Helper()
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		s, err := postgres.Open(context.Background(), srv.NewDatabase(t, "variant"), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		create(t, s, sql)
		test(t, s)
	})
}

const liveUsers = `create table users (id uuid primary key, username varchar(50) unique not null, email varchar(255) unique not null,
	created_at timestamp not null, updated_at timestamp not null, preferences jsonb, is_active boolean not null);`

// The application's own schema has gained and lost columns: no tags and no result_content_auto_id, a
// prompt on content, further columns that take no null, one sequence for both content tables.
func TestLiveSchema(t *testing.T) {
	content := func(name string) string {
		return `create table ` + name + ` (id integer primary key default nextval('content_ids'), title varchar(255) not null, content_type varchar(50) not null,
			content_data text not null, item_metadata jsonb, creator_id uuid not null references users, created_at timestamp not null, updated_at timestamp not null,
			quality_score double precision, is_private boolean not null, prompt varchar(20000) not null, path_thumb varchar(512) not null, likes integer not null,
			ratio numeric(6,3) not null, visible boolean not null, seen_at timestamptz not null, day date not null, kind mood not null, extra jsonb not null,
			version integer not null default 1);`
	}
	onPostgres(t, `create type mood as enum ('calm', 'Wild one'); create sequence content_ids;`+liveUsers+content("content_items")+content("content_items_auto")+`
		create table generation_jobs (id bigint generated always as identity primary key, user_id uuid not null references users, job_type varchar(50) not null,
			prompt text not null, parameters jsonb, status varchar(20) not null, result_content_id integer references content_items, created_at timestamp not null,
			updated_at timestamp not null, started_at timestamp, completed_at timestamp, error_message text, priority smallint not null, tokens bigint generated always as (length(prompt)) stored);`,
		func(t *testing.T, s sink.Store) {
			b := scenario(t, nil)
			report := generate(t, s, b, 1, run.Options{})
			verify(t, s, b, 1, run.Options{})
			want(t, s, 0, "select count(*) from content_items where title <> left(prompt, 20) or prompt <> item_metadata->>'prompt'")
			want(t, s, 700, "select count(*) from content_items where version is not null and kind in ('calm', 'Wild one')")
			want(t, s, 0, "select count(*) from content_items a join content_items_auto b using (id)")
			want(t, s, 2245, "select count(*) from generation_jobs where tokens = length(prompt)")
			notices := strings.Join(report.Notices, "\n")
			for _, text := range []string{"content_items has no column tags", "generation_jobs has no column result_content_auto_id", "path_thumb"} {
				if strings.Count(notices, text) == 0 {
					t.Errorf("no notice of %q in:\n%s", text, notices)
				}
			}
			if again := generate(t, s, b, 1, run.Options{}); again.Rows != 0 {
				t.Errorf("again made %d rows", again.Rows)
			}
		})
}

// The partitioned variant: the content tables are partitions by a text column of one parent.
func TestPartitionedSchema(t *testing.T) {
	onPostgres(t, liveUsers+`
		create table content (id serial, source text not null default 'items', title varchar(255) not null, content_type varchar(50) not null, content_data text not null,
			item_metadata jsonb, creator_id uuid not null references users, created_at timestamp not null, updated_at timestamp not null, tags jsonb,
			quality_score double precision, is_private boolean not null, primary key (id, source)) partition by list (source);
		create table content_items partition of content for values in ('items');
		create table content_items_auto partition of content for values in ('auto');
		alter table content_items add unique (id); alter table content_items_auto add unique (id);
		create table generation_jobs (id serial primary key, user_id uuid not null references users, job_type varchar(50) not null, prompt text not null, parameters jsonb,
			status varchar(20) not null, result_content_id integer references content_items (id), result_content_auto_id integer references content_items_auto (id),
			created_at timestamp not null, updated_at timestamp not null, started_at timestamp, completed_at timestamp, error_message text);`,
		func(t *testing.T, s sink.Store) {
			b := scenario(t, nil)
			generate(t, s, b, 1, run.Options{Workers: 2, BatchRows: 300})
			verify(t, s, b, 1, run.Options{})
			independent(t, s, "postgres")
			want(t, s, 2200, "select count(*) from content")
			want(t, s, 2200, "select count(distinct id) from content")
			want(t, s, 1500, "select count(*) from content where source = 'auto'")
		})
}

// No rows are fine, and so are fewer content rows than the admin's share.
func TestFewRows(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, ddl(t, db.kind))
		none := scenario(t, map[string]any{"target_rows_users": int64(0), "target_rows_content_items": int64(0), "target_rows_content_items_auto": int64(0)})
		if report := generate(t, s, none, 1, run.Options{}); report.Rows != 0 || report.State != "complete" {
			t.Errorf("%s with %d rows", report.State, report.Rows)
		}
		few := scenario(t, map[string]any{"target_rows_users": int64(2), "target_rows_content_items": int64(30), "target_rows_content_items_auto": int64(51)})
		report := generate(t, s, few, 1, run.Options{})
		if !strings.Contains(strings.Join(report.Notices, "\n"), "admin gets 30 rows instead of 50") {
			t.Errorf("notices: %v", report.Notices)
		}
		want(t, s, 30, "select count(*) from content_items where creator_id = '"+admin+"'")
		want(t, s, 50, "select count(*) from content_items_auto where creator_id = '"+admin+"'")
		want(t, s, 1, "select count(*) from content_items_auto where creator_id <> '"+admin+"'")
		v, err := run.Verify(context.Background(), s, builder(t, s, few, 1), run.Options{}, nil)
		if err != nil || v.Broken() > 0 {
			t.Errorf("%v: %+v", err, v)
		}
	})
}

// What cannot be is said before anything is written, all of it.
func TestInfeasible(t *testing.T) {
	onPostgres(t, strings.Replace(ddl(t, "postgres"), "job_type varchar(50)", "job_type varchar(5)", 1), func(t *testing.T, s sink.Store) {
		b := scenario(t, map[string]any{"target_rows_users": int64(1)})
		_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{})
		if err == nil {
			t.Fatal("no error")
		}
		for _, text := range []string{"raise the row count of users", "generation_jobs.job_type holds at most 5 characters"} {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%q is not in: %v", text, err)
			}
		}
		want(t, s, 0, "select count(*) from users")
	})
}

// Verification finds every kind of damage, and says where.
func TestVerifyFindsDamage(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, ddl(t, db.kind))
		b := scenario(t, nil)
		generate(t, s, b, 1, run.Options{})
		damage := map[string][]string{
			"update users set is_active = false where id = (select min(id) from users where is_active)":                                                          {"users.is_active is true in exactly 198 rows", "users: every cell"},
			"update content_items set title = 'x' where id = 5":                                                                                                  {"title is the first 20 characters", "content_items: every cell"},
			"update content_items set updated_at = '2025-05-01 04:00:01' where id = 6":                                                                           {"updated_at is not before created_at"},
			"update generation_jobs set result_content_id = 1 where id = 2":                                                                                      {"every row of content_items has exactly one row of generation_jobs"},
			"update generation_jobs set status = 'pending' where id = 3":                                                                                         {"status is completed in exactly 2200 rows", "status is \"completed\""},
			"delete from generation_jobs where id = 4":                                                                                                           {"generation_jobs has 2245 rows", "row 3 (id 4) is missing"},
			"update content_items_auto set tags = '[\"anime\", \"anime\"]' where id = 9":                                                                         {"distinct texts of pool tags"},
			"update content_items_auto set creator_id = '" + admin + "' where id = (select min(id) from content_items_auto where creator_id <> '" + admin + "')": {"exactly 50 rows refer to admin"},
		}
		for sql := range damage {
			if db.kind == "postgres" {
				sql2 := strings.Replace(sql, "select min(id) from users where is_active", "select id from users where is_active limit 1", 1)
				create(t, s, sql2)
			} else {
				create(t, s, sql)
			}
		}
		v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var broken strings.Builder
		for _, f := range v.Rules {
			if !f.OK {
				broken.WriteString(f.Text + ": " + f.Detail + "\n")
			}
		}
		for sql, texts := range damage {
			for _, text := range texts {
				if !strings.Contains(broken.String(), text) {
					t.Errorf("after %s nothing says %q; broken:\n%s", sql, text, broken.String())
				}
			}
		}
	})
}

// One seed gives one set of rows at any number of workers; another seed gives others.
func TestWorkersAndSeeds(t *testing.T) {
	b := scenario(t, nil)
	digest := func(seed uint64, workers, batch int) string {
		p, err := plan.Build(b, nil, plan.Options{Seed: seed, Scan: rows.Scan, Prove: rows.Prove})
		if err != nil {
			t.Fatal(err)
		}
		tables, all, err := run.Digest(context.Background(), p, run.Options{Workers: workers, BatchRows: batch})
		if err != nil {
			t.Fatal(err)
		}
		if len(tables) != 4 || tables[0].Rows == 0 {
			t.Fatalf("%+v", tables)
		}
		return all
	}
	one := digest(1, 1, 2000)
	for _, workers := range []int{2, 8} {
		if d := digest(1, workers, 77); d != one {
			t.Errorf("%d workers: %s, one: %s", workers, d, one)
		}
	}
	if digest(2, 1, 2000) == one {
		t.Error("another seed gives the same digest")
	}
}
