package fault

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// manyTables writes a blueprint of small tables, of which only the foreign keys go for the load, all at once.
func manyTables(t *testing.T, tables int) (path, ddl string) {
	var y, q strings.Builder
	y.WriteString("sower: 1\nname: many\ntables:\n")
	for i := range tables {
		parent, refers := "{constant: null}", ""
		if i > 0 {
			parent, refers = fmt.Sprintf("{reference: {table: t%d, column: id}}", (i-1)/3), fmt.Sprintf(" references t%d on delete cascade deferrable", (i-1)/3)
		}
		fmt.Fprintf(&y, "  t%d:\n    rows: 1000\n    columns:\n      id: sequence\n      parent_id: %s\n      note: {person: full_name}\n", i, parent)
		fmt.Fprintf(&q, "create table t%d (id bigint primary key, parent_id bigint%s, note text not null); create index on t%[1]d (parent_id);\n", i, refers)
	}
	path = filepath.Join(t.TempDir(), "many.yaml")
	if err := os.WriteFile(path, []byte(y.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path, q.String()
}

// A process that is killed while the foreign keys of many small tables go, are away or come back.
func TestKillsOfManyTables(t *testing.T) {
	const tables = 30
	w := emptyWorld(t, nil)
	path, ddl := manyTables(t, tables)
	w.sql(ddl)
	w.schema = w.dump()
	names := make([]string, tables)
	for i := range names {
		names[i] = fmt.Sprintf("t%d", i)
	}
	args := []string{"generate", path, "--database-url", w.url, "--batch-size", "400", "--max-workers", "3", "--progress", "json"}
	tries := 4
	if soak {
		tries = 100
	}
	phases := []string{"prepare", "load", "load", "keys", "statistics"}
	dead, keys := 0, 0 // keys: lines of progress that tell of a foreign key that is back
	for range tries {
		w.sql("set client_min_messages = warning; truncate " + strings.Join(names, ", ") + "; drop schema if exists sower cascade")
		for range 1 + w.random.IntN(2) {
			phase, line, delay := phases[w.random.IntN(len(phases))], w.random.IntN(20), time.Duration(w.random.Int64N(int64(200*time.Millisecond)))
			o := w.start(w.command(args...), func(_ int, text string, p *os.Process) {
				if strings.Contains(text, `"phase":"keys"`) {
					keys++
				}
				if strings.Contains(text, `"phase":"`+phase+`"`) {
					if line == 0 || phase == "prepare" {
						time.AfterFunc(delay, func() { _ = p.Kill() })
					}
					line--
				}
			})
			if o.code != 0 {
				dead++
			}
		}
		o := w.start(w.command(args...), func(_ int, text string, _ *os.Process) {
			if strings.Contains(text, `"phase":"keys"`) {
				keys++
			}
		})
		for n := 0; o.code != 0 && n < 20; n++ { // the backends of the dead go a moment after it
			time.Sleep(300 * time.Millisecond)
			o = w.start(w.command(args...), func(int, string, *os.Process) {})
		}
		w.want(0, o)
		if out, err := w.command("verify", path, "--database-url", w.url).CombinedOutput(); err != nil {
			t.Errorf("verify: %v\n%s", err, broken(string(out)))
		}
		w.sameSchema()
		counts := w.sql("select sum(n) from (select count(*) as n from " + strings.Join(names, " union all select count(*) from ") + ") x")
		if left := w.sql("select to_regclass('sower.journal') is null, (select count(*) from sower.run)"); left != "t|1" || counts != fmt.Sprint(1000*tables) {
			t.Errorf("%s rows; journal gone, runs: %s", counts, left)
		}
		record("kill -9 of sower among many small tables", t.Failed(), false)
		if t.Failed() {
			return
		}
	}
	if dead == 0 || keys == 0 {
		t.Errorf("%d processes were killed, and %d keys came back", dead, keys)
	}
	t.Logf("%d processes were killed", dead)
}
