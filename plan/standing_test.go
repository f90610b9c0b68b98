package plan_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

const shop = `
sower: 1
name: shop
tables:
  countries: {standing: true}
  plans: {standing: true}
  customers:
    rows: 40
    columns:
      id: sequence
      country: {reference: {table: countries, column: code}}
      country_name: {cell: country.name}
      plan_tier: {reference: {table: plans, column: tier}}
      plan_no: {cell: plan_tier.no}
      joined_at: {timestamp: {from: "2025-01-01", to: "2025-02-01"}, not_before: [country.since]}
  capitals:
    rows: 3
    columns: {id: sequence, country: {reference: {table: countries, column: code}, unique: true}}
  branches:
    rows: 6
    unique: [[country, tier]]
    columns: {country: {reference: {table: countries, column: code}}, tier: {pick: [a, b]}}
  # One row for each standing row.
  flags: {parts: {land: {each: countries}}, columns: {country: {cell: land.code}}}
`

const shopSchema = `
countries
  code text not null
  name text not null
  since timestamp
  primary key (code)
plans
  tier integer not null
  no integer not null
  primary key (tier, no)
customers
  id integer not null
  country text not null
  country_name text not null
  plan_tier integer not null
  plan_no integer not null
  joined_at timestamp not null
  primary key (id)
  foreign key (country) references countries (code)
  foreign key (plan_tier, plan_no) references plans (tier, no)
capitals
  id integer not null
  country text not null
  primary key (id)
  unique (country)
  foreign key (country) references countries (code)
branches
  country text not null
  tier text not null
  primary key (country, tier)
  foreign key (country) references countries (code)
flags
  country text not null
  primary key (country)
  foreign key (country) references countries (code)
`

// standing makes standing rows of texts: the kinds, and a line for each row.
func standing(t *testing.T, names string, kinds []column.Kind, lines ...string) *column.Batch {
	t.Helper()
	b := &column.Batch{N: len(lines), Names: strings.Fields(names)}
	for i, k := range kinds {
		v := new(column.Vec)
		v.Reset(k)
		for _, line := range lines {
			if text := strings.Split(line, ",")[i]; text == "" {
				v.AppendNull()
			} else if err := gen.ParseCell(v, text); err != nil {
				t.Fatal(err)
			}
		}
		b.Vecs = append(b.Vecs, v)
	}
	return b
}

func world3(t *testing.T, countries ...string) map[string]*column.Batch {
	return map[string]*column.Batch{
		"countries": standing(t, "code name since", []column.Kind{column.Text, column.Text, column.Timestamp}, countries...),
		"plans":     standing(t, "tier no", []column.Kind{column.Int, column.Int}, "1,1", "1,2", "2,1"),
	}
}

var three = []string{"at,Austria,2024-12-01 00:00:00", "ch,Switzerland,", "de,Germany,2025-01-20 00:00:00"}

func buildShop(t *testing.T, text string, db *schema.Database, stand map[string]*column.Batch) (*plan.Plan, error) {
	t.Helper()
	return plan.Build(resolved(t, text), db, plan.Options{Seed: 1, Standing: stand, Scan: rows.Scan, Prove: rows.Prove})
}

func resolved(t *testing.T, text string) *blueprint.Blueprint {
	t.Helper()
	doc, err := blueprint.Open(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, "b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestStanding plans references to rows that stand.
func TestStanding(t *testing.T) {
	for _, db := range []*schema.Database{nil, parseSchema(t, shopSchema)} {
		p, err := buildShop(t, shop, db, world3(t, three...))
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, p)
		w.check()
		c := p.Table("countries")
		if !c.Standing || len(c.Out) > 0 || c.Rows != 3 {
			t.Errorf("countries: %+v", c)
		}
		names := map[string]bool{}
		since := w.column("customers", "joined_at")
		for i := range 40 {
			names[w.column("customers", "country").String(i)+" "+w.column("customers", "country_name").String(i)] = true
			if w.column("customers", "country").String(i) == "de" && since.String(i) < "2025-01-20" {
				t.Errorf("a customer of Germany joined at %s", since.String(i))
			}
		}
		if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, []string{"at Austria", "ch Switzerland", "de Germany"}) {
			t.Errorf("got %q", got)
		}
	}
}

func TestStandingColumns(t *testing.T) {
	got := plan.StandingColumns(resolved(t, shop), parseSchema(t, shopSchema))
	if !slices.Equal(got["countries"], []string{"code", "name", "since"}) || !slices.Equal(got["plans"], []string{"tier", "no"}) {
		t.Errorf("got %v", got)
	}
}

// TestStandingMistakes: what is wrong with standing tables.
func TestStandingMistakes(t *testing.T) {
	fails := func(want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	_, err := buildShop(t, shop, parseSchema(t, shopSchema), nil)
	fails("customers.country: reference: refers to countries, whose rows stand in the database, and none is known", err)
	_, err = buildShop(t, strings.Replace(shop, "rows: 3", "rows: 4", 1), nil, world3(t, three...))
	fails("4 rows must be distinct and there are at most 3 values", err)
	_, err = buildShop(t, strings.Replace(shop, "country.name", "country.nam", 1), nil, world3(t, three...))
	fails(`did you mean "name"?`, err)
	doc, err := blueprint.Open(fstest.MapFS{"b.yaml": {Data: []byte("sower: 1\nname: x\ntables: {t: {standing: true, rows: 4}}\n")}}, "b.yaml")
	if err == nil {
		_, err = doc.Resolve(nil, plan.Generators())
	}
	fails("standing and rows exclude each other", err)
}

// TestStandingResumed: a run goes on with the rows that stood when it began.
func TestStandingResumed(t *testing.T) {
	p, err := buildShop(t, shop, nil, world3(t, three...))
	if err != nil {
		t.Fatal(err)
	}
	record := p.Resolved()
	want := newWorld(t, p).column("customers", "country").String(17)
	for _, now := range [][]string{
		append(slices.Clone(three), "fr,France,", "it,Italy,"),
		{"aa,Before,", three[0], "au,Between,", three[1], three[2], "zz,Behind,"},
	} {
		more, err := buildShop(t, shop, nil, world3(t, now...))
		if err != nil {
			t.Fatal(err)
		}
		if more.Identity() != p.Identity() {
			t.Error("more standing rows make it another run")
		}
		if err := more.Apply(record); err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, more)
		w.check()
		if got := w.column("customers", "country").String(17); more.Table("countries").Rows != 3 || got != want {
			t.Errorf("with %v: %d countries, row 17 %s, was %s", now, more.Table("countries").Rows, got, want)
		}
	}
	for _, other := range [][]string{{"at,Austria,2024-12-01 00:00:00", "ch,Switzerland,", "dk,Denmark,"}, three[:2], {"at,Austria,", "ch,Switzerland,", "de,Germany,2025-01-20 00:00:00"}} {
		o, err := buildShop(t, strings.NewReplacer("rows: 3", "rows: 2", "rows: 6", "rows: 4").Replace(shop), nil, world3(t, other...))
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Apply(record); err == nil || !strings.Contains(err.Error(), "countries") {
			t.Errorf("with %v: %v", other, err)
		}
	}
}
