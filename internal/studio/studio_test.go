package studio

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
)

const text = `sower: 1
name: shop
tables:
  customers:
    rows: 1_000_000_000
    columns:
      id: sequence
      name: {person: full_name}
      joined: {timestamp: {from: "2024-01-01", to: "2025-01-01"}}
  orders:
    rows: 5_000 # many
    columns:
      id: sequence
      customer: {reference: {table: customers, column: id}}
      state: {quota: {shares: {open: 70, closed: 30}}}
      note: {text: {words: {min: 1, max: 3}}, nulls: 0.5}
`

func planText(_ context.Context, text []byte) (*plan.Plan, error) {
	doc, err := blueprint.OpenText("shop.yaml", text)
	if err != nil {
		return nil, err
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return nil, err
	}
	return plan.Build(b, nil, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
}

func bench(t *testing.T, o Options) *Workbench {
	t.Helper()
	o.Title, o.Plan = "shop", planText
	if o.Text == nil {
		o.Text = []byte(text)
	}
	w := New(t.Context(), o)
	if m := w.Model(); len(m.Problems) > 0 {
		t.Fatal(m.Problems)
	}
	return w
}

func TestRows(t *testing.T) {
	w := bench(t, Options{})
	got, err := w.Rows("customers", 999_999_998, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Cells) != 2 || *got.Cells[1][0] != "1000000000" {
		t.Errorf("the last rows: %+v", got)
	}
	orders, err := w.Rows("orders", 100, 50)
	if err != nil {
		t.Fatal(err)
	}
	nulls := 0
	for i, row := range orders.Cells {
		parent, err := w.Rows("customers", orders.Parents[1][i], 1)
		if err != nil {
			t.Fatal(err)
		}
		if *parent.Cells[0][0] != *row[1] {
			t.Errorf("order %d refers to %s, and its parent is %s", i, *row[1], *parent.Cells[0][0])
		}
		if row[3] == nil {
			nulls++
		}
	}
	if nulls == 0 || nulls == 50 || len(orders.Parents[0]) != 0 {
		t.Errorf("%d nulls of 50, parents of a key: %v", nulls, orders.Parents[0])
	}
	if _, err := w.Rows("nothing", 0, 1); err == nil {
		t.Error("rows of a table that is not there")
	}
}

// A row tells the rows that refer to it, and a cell what it is made of.
func TestCellAndChildren(t *testing.T) {
	w := bench(t, Options{Text: []byte(strings.Replace(text, "1_000_000_000", "70", 1) + `  lines:
    parts:
      order: {each: {table: orders, min: 0, max: 3}}
    columns:
      id: sequence
      order_id: {cell: order.id}
      again: {cell: order_id}
`)})
	for row := range int64(40) {
		orders, err := w.Children(t.Context(), "customers", row, "orders", "customer", 0)
		if err != nil {
			t.Fatal(err)
		}
		if orders.Searched != 5000 || orders.Of != 5000 {
			t.Fatalf("%+v", orders)
		}
		for _, r := range orders.Rows {
			c, err := w.Cell("orders", r, "customer")
			if err != nil {
				t.Fatal(err)
			}
			if *c.Value != strconv.FormatInt(row+1, 10) || len(c.Inputs) != 1 || c.Inputs[0].Row != row || *c.Inputs[0].Value != *c.Value {
				t.Errorf("order %d of customer %d: %+v", r, row, c)
			}
		}
	}
	counted, all := 0, int64(0)
	for _, x := range w.Model().Tables {
		if x.Name == "lines" {
			all = x.Rows
		}
	}
	for row := range int64(5000) {
		lines, err := w.Children(t.Context(), "orders", row, "lines", "order_id", 0)
		if err != nil {
			t.Fatal(err)
		}
		counted += len(lines.Rows)
		if row == 7 && len(lines.Rows) > 0 {
			c, err := w.Cell("lines", lines.Rows[0], "again")
			if err != nil || *c.Value != "8" {
				t.Errorf("%+v, %v", c, err)
			}
		}
	}
	if int64(counted) != all || all == 0 {
		t.Errorf("orders have %d lines together, and there are %d", counted, all)
	}
	if _, err := w.Children(t.Context(), "customers", 70, "orders", "customer", 0); err == nil {
		t.Error("children of a row that is not there")
	}
	if _, err := w.Children(t.Context(), "orders", 1, "customers", "id", 0); err == nil {
		t.Error("children by a column that does not refer")
	}
}

func TestProfile(t *testing.T) {
	w := bench(t, Options{})
	state, err := w.Profile("orders", "state")
	if err != nil {
		t.Fatal(err)
	}
	bars := state.Plots[0].Bars
	if state.Sampled != sampleRows || state.Distinct != 2 || bars[0].Label != "open" || bars[0].Count < 1300 || bars[0].Count > 1500 {
		t.Errorf("%+v", state)
	}
	if len(state.Readings) != 0 {
		t.Errorf("%+v", state.Readings)
	}
	thought := Reason{Why: "its name", Confidence: 0.9, Readings: []Reading{{"{integer: {min: 1}}", "its name", 0.9, false}, {"sequence", "its type\x1b", 0.4, true}}}
	inferred, err := bench(t, Options{Reasons: map[[2]string]Reason{{"orders", "state"}: thought}}).Profile("orders", "state")
	if err != nil || len(inferred.Readings) != 2 || inferred.Readings[1] != (Reading{"sequence", `its type\x1b`, 0.4, true}) {
		t.Errorf("%+v, %v", inferred, err)
	}
	note, err := w.Profile("orders", "note")
	if err != nil {
		t.Fatal(err)
	}
	if note.Nulls < 900 || note.Nulls > 1100 {
		t.Errorf("%d nulls of %d", note.Nulls, note.Sampled)
	}
	joined, err := w.Profile("customers", "joined")
	if err != nil {
		t.Fatal(err)
	}
	if len(joined.Plots) != 4 || !strings.HasPrefix(joined.Least, "2024-01-") || !strings.HasPrefix(joined.Greatest, "2024-12-") {
		t.Errorf("%+v", joined)
	}
	for _, p := range joined.Plots {
		var sum int64
		for _, b := range p.Bars {
			sum += b.Count
		}
		if sum != sampleRows {
			t.Errorf("%s: %d of %d", p.Title, sum, sampleRows)
		}
	}
}

func TestEdit(t *testing.T) {
	w := bench(t, Options{})
	before := w.Model()
	broken := w.Edit(t.Context(), strings.Replace(text, "quota:", "qouta:", 1))
	if len(broken.Problems) == 0 || broken.Problems[0].Line != 15 || broken.Planned != before.Planned {
		t.Errorf("%+v, planned %d", broken.Problems, broken.Planned)
	}
	if len(broken.Tables) != 2 {
		t.Error("the tables are gone while the text is broken")
	}
	m := w.Edit(t.Context(), strings.Replace(text, "5_000 #", "7 #", 1))
	if len(m.Problems) > 0 || m.Tables[1].Rows != 7 || m.Planned != m.Version {
		t.Errorf("%+v", m)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if got := w.Wait(ctx, before.State); got == nil || got.Version != m.Version {
		t.Errorf("waited for %+v", got)
	}
}

// A file is written only where nobody else has changed it, and only below the folder.
func TestSave(t *testing.T) {
	t.Chdir(t.TempDir())
	w := bench(t, Options{})
	for _, name := range []string{"", "../x.yaml", "/tmp/x.yaml", "a/../../x.yaml"} {
		if _, err := w.Save(name); err == nil {
			t.Errorf("saved to %q", name)
		}
	}
	if saved, err := w.Save("mine"); err != nil || saved.File != "mine.yaml" {
		t.Fatal(saved, err)
	}
	if got, _ := os.ReadFile("mine.yaml"); string(got) != text {
		t.Errorf("saved %q", got)
	}
	if err := os.WriteFile("other.yaml", []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Save("other.yaml"); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Error(err)
	}
	changed := strings.Replace(text, "many", "theirs", 1)
	if err := os.WriteFile("mine.yaml", []byte(changed), 0o666); err != nil {
		t.Fatal(err)
	}
	w.Edit(t.Context(), strings.Replace(text, "many", "ours", 1))
	if _, err := w.Save(""); err == nil || !strings.Contains(err.Error(), "changed by another program") {
		t.Error(err)
	}
	if got, _ := os.ReadFile("mine.yaml"); string(got) != changed {
		t.Error("another program's change is lost")
	}
}

func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	w := bench(t, Options{File: path})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go w.Watch(ctx, time.Millisecond)
	if err := os.WriteFile(path, []byte(strings.Replace(text, "5_000", "6_000", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	m := w.Wait(ctx, 1)
	for m != nil && len(m.Problems) > 0 { // half of it was read
		m = w.Wait(ctx, m.State)
	}
	if m == nil || len(m.Tables) != 1 || m.Tables[0].Rows != 6000 || m.Unsaved || !strings.Contains(m.Text, "6_000") {
		t.Errorf("%+v", m)
	}
}

func TestFill(t *testing.T) {
	began := make(chan struct{})
	w := bench(t, Options{Fill: func(ctx context.Context, text []byte, progress func(run.Event)) (*run.Report, error) {
		progress(run.Event{Phase: "load", Table: "orders", Rows: 1, Total: 2})
		close(began)
		<-ctx.Done()
		return &run.Report{State: "interrupted", Rows: 1}, ctx.Err()
	}})
	w.Edit(t.Context(), "tables: [")
	if err := w.Fill(t.Context()); err == nil {
		t.Error("filled with problems")
	}
	w.Edit(t.Context(), text)
	if err := w.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Fill(t.Context()); err == nil {
		t.Error("two runs at once")
	}
	<-began
	w.Stop()
	var all []Step
	for ended := false; !ended; {
		var steps []Step
		steps, ended = w.Steps(t.Context(), len(all))
		all = append(all, steps...)
	}
	last := all[len(all)-1]
	if last.State != "stopped" || last.Done == nil || last.Done.Rows != 1 || all[1].Table != "orders" {
		t.Errorf("%+v", all)
	}
	none := bench(t, Options{WhyNot: "no database"})
	if err := none.Fill(t.Context()); err == nil || err.Error() != "no database" {
		t.Error(err)
	}
}

// Whatever another site, another name for this machine, or somebody without the token asks for is refused.
func TestOnlyItsOwnPage(t *testing.T) {
	const host = "127.0.0.1:8737"
	s := NewServer(t.Context(), bench(t, Options{}), host)
	if !strings.HasPrefix(s.URL(), "http://"+host+"/#") || len(s.token) < 20 {
		t.Fatal(s.URL())
	}
	ask := func(method, path, body string, with map[string]string) *http.Response {
		r := httptest.NewRequest(method, "http://"+host+path, strings.NewReader(body))
		for k, v := range with {
			if k == "Host" {
				r.Host = v
			} else {
				r.Header.Set(k, v)
			}
		}
		rec := httptest.NewRecorder()
		s.handler.ServeHTTP(rec, r)
		return rec.Result()
	}
	key := "Bearer " + s.token
	const changesState = "PUT /api/text, POST /api/save, POST /api/fill, POST /api/stop, POST /api/report"
	refused := 0 // whatever is asked for by the right token from elsewhere, or with a wrong one
	for _, pattern := range s.api {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet && !strings.Contains(changesState, pattern) || !strings.HasPrefix(path, "/api/") {
			t.Errorf("%s is new: is it meant to change something?", pattern)
		}
		for name, with := range map[string]map[string]string{
			"no token":                 {},
			"a wrong token":            {"Authorization": key + "x"},
			"another name":             {"Authorization": key, "Host": "evil.example:8737"},
			"a name without port":      {"Authorization": key, "Host": "127.0.0.1"},
			"another site's page":      {"Authorization": key, "Origin": "https://evil.example"},
			"a file's page":            {"Authorization": key, "Origin": "null"},
			"another port's page":      {"Authorization": key, "Origin": "http://127.0.0.1:8738"},
			"a request across sites":   {"Authorization": key, "Sec-Fetch-Site": "cross-site"},
			"a request of a neighbour": {"Authorization": key, "Sec-Fetch-Site": "same-site"},
		} {
			if r := ask(method, path, "{}", with); r.StatusCode != http.StatusForbidden && r.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with %s: %d", pattern, name, r.StatusCode)
			}
			refused++
		}
	}
	if m := s.work.Model(); refused < 9*15 || m.Version != 1 || m.File != "" {
		t.Errorf("%d requests were refused, and the text has version %d", refused, m.Version)
	}
	if r := ask("GET", "/report/x", "", nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("a report by a guessed address: %d", r.StatusCode)
	}
	own := map[string]string{"Authorization": key, "Origin": "http://" + host, "Sec-Fetch-Site": "same-origin"}
	for _, path := range []string{
		"/api/model", "/api/rows?table=orders&first=0&count=1", "/api/drawing", "/api/profile?table=orders&column=state", "/api/schema",
		"/api/cell?table=orders&row=0&column=state", "/api/children?table=customers&row=0&child=orders&column=customer&first=0", "/api/saved",
	} {
		if r := ask("GET", path, "", own); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	page := ask("GET", "/", "", map[string]string{"Sec-Fetch-Site": "none"})
	body, err := io.ReadAll(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	policy := page.Header.Get("Content-Security-Policy")
	if page.StatusCode != http.StatusOK || strings.Contains(string(body), s.token) || strings.Contains(policy, "unsafe") ||
		!strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("%d, %s\n%s", page.StatusCode, policy, body)
	}
	for _, p := range []string{"/", "/app.js", "/app.css"} {
		if r := ask("GET", p, "", map[string]string{"Host": "evil.example:8737"}); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s for another name: %d", p, r.StatusCode)
		}
	}
	if r := ask("GET", "/../server.go", "", own); r.StatusCode == http.StatusOK {
		t.Error("a file that is no asset")
	}
}

// What cannot be planned for another reason than the text is shown too.
func TestFailureIsShown(t *testing.T) {
	w := New(t.Context(), Options{Text: []byte("x"), Plan: func(context.Context, []byte) (*plan.Plan, error) {
		return nil, errors.New("the server\x1b[31m is gone")
	}})
	m := w.Model()
	if len(m.Problems) != 1 || m.Problems[0].Message != `the server\x1b[31m is gone` {
		t.Errorf("%+v", m.Problems)
	}
	if b, err := json.Marshal(m); err != nil || strings.Contains(string(b), "null") {
		t.Errorf("%s, %v", b, err) // the page counts on lists
	}
}

// The page is small.
func TestSize(t *testing.T) {
	sum := 0
	for _, name := range []string{"app.js", "app.css", "index.html"} {
		text, err := assets.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err = w.Write(text)
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		sum += b.Len()
	}
	t.Logf("%d KB compressed", sum>>10)
	if sum > 1_500_000 {
		t.Errorf("the page's files have %d bytes, compressed", sum)
	}
}

// A text is seen by its changed tables before all of it is planned.
func TestEarly(t *testing.T) {
	whole := make(chan struct{})
	slow := false
	o := Options{Title: "shop", Text: []byte(text), Plan: func(ctx context.Context, text []byte) (*plan.Plan, error) {
		if slow {
			<-whole
		}
		return planText(ctx, text)
	}, Early: func(ctx context.Context, text []byte) *plan.Plan {
		p, err := planText(ctx, []byte(strings.Replace(string(text), "1_000_000_000", "4_000", 1)))
		if err != nil {
			return nil
		}
		p.Tables = slices.DeleteFunc(p.Tables, func(t *plan.Table) bool { return t.Name == "customers" })
		return p
	}}
	w := New(t.Context(), o)
	slow = true
	before := w.Model()
	m := w.Begin(t.Context(), strings.Replace(text, "5_000 #", "7 #", 1), before.State)
	if !m.Pending || m.Shown == before.Shown || len(m.Tables) != 1 || m.Tables[0].Rows != 7 || m.Text != "" ||
		!slices.Equal(m.Names, []string{"customers", "orders"}) {
		t.Errorf("%+v", m)
	}
	if rows, err := w.Rows("orders", 0, 10); err != nil || len(rows.Cells) != 7 {
		t.Errorf("%+v, %v", rows, err)
	}
	close(whole)
	m = w.Wait(t.Context(), m.State)
	if all := w.Model(); all.Tables[0].Rows != 1_000_000_000 || all.Tables[1].Rows != 7 || all.Text == "" {
		t.Errorf("%+v", all)
	}
	if m.Pending || len(m.Tables) > 0 || m.Planned != m.Version {
		t.Errorf("%+v", m)
	}
}
