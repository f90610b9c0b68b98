package infer

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

var (
	dayType    = schema.Type{Name: "date", Base: "date", Kind: column.Date}
	clockType  = schema.Type{Name: "time", Base: "time", Kind: column.Time, Scale: 6}
	realType   = schema.Type{Name: "real", Base: "float4", Kind: column.Float, Width: 4}
	smallType  = schema.Type{Name: "smallint", Base: "int2", Kind: column.Int, Width: 2}
	jsonbType  = schema.Type{Name: "jsonb", Base: "jsonb", Kind: column.JSON}
	amountType = schema.Type{Name: "numeric", Base: "numeric", Kind: column.Decimal, Precision: 12, Scale: 2}
	listType   = schema.Type{Name: "text[]", Base: "text", Kind: column.Literal, Category: schema.ArrayType, Element: &textType}
)

func upTo(n int) schema.Type {
	return schema.Type{Name: "character varying", Base: "varchar", Kind: column.Text, Length: n}
}

func exactly(n int) schema.Type {
	return schema.Type{Name: "character", Base: "bpchar", Kind: column.Text, Length: n, Fixed: true}
}

func amount(precision, scale int) schema.Type {
	return schema.Type{Name: "numeric", Base: "numeric", Kind: column.Decimal, Precision: precision, Scale: scale}
}

func database(tables ...*schema.Table) *schema.Database {
	return &schema.Database{Dialect: "postgres", Name: "x_test", Defaults: "public", Tables: tables}
}

// byDefault gives a column of a table a default.
func byDefault(t *schema.Table, column, expression string) *schema.Table {
	t.Column(column).Default = expression
	return t
}

// TestMeaning: what columns mean by their names, their types and their neighbours. All cells of a column match.
func TestMeaning(t *testing.T) {
	const person, words = `[A-Z][a-z]+ [A-Z][A-Za-z]+`, `[a-z_]+`
	for _, x := range []struct {
		family string
		table  *schema.Table
		more   []*schema.Table
		want   map[string]string // columns, and what each of their cells is
	}{
		{"short texts", tableOf("employees", "first_name", upTo(10), "last_name", upTo(6), "city", upTo(15), "full_name", upTo(12)), nil,
			map[string]string{"first_name": `[A-Z][a-z]{1,9}`, "last_name": `[A-Z][A-Za-z]{1,5}`, "city": `[A-Z][A-Za-z. ]{2,14}`, "full_name": `[A-Z][a-z. ]+ [A-Z][A-Za-z]*`}},
		{"films", tableOf("movies", "title", textType, "runtime_minutes", smallType, "imdb_id", exactly(9), "synopsis", textType, "budget", integerType), nil,
			map[string]string{"runtime_minutes": `(7|8|9|1[0-9])[0-9]`, "imdb_id": `tt[0-9]{7}`, "budget": `[0-9]{6,8}`, "title": `[A-Z][A-Za-z' ,]+`, "synopsis": `[A-Z].*\.`}},
		{"farms", tableOf("farms", "name", textType, "county", textType), nil, map[string]string{"county": `[A-Z][a-z]+ County`, "name": `.*(Farms?|Orchards|Dairy|Ranch)`}},
		{"animals", tableOf("pets", "name", textType, "microchip", exactly(15), "breed", textType), nil,
			map[string]string{"name": `[A-Z][a-z]+`, "microchip": `9[0-9]{14}`, "breed": `[A-Z][A-Za-z ]+`}},
		{"machines", tableOf("machines", "make", textType, "model", textType, "engine_hours", integerType, "hourly_wage", amountType, "price", amountType), nil,
			map[string]string{"model": `[A-Z]{1,2}-?[1-9][0-9]{2}[0S]?`, "engine_hours": `[1-9][0-9]{1,3}`, "hourly_wage": `[1-5][0-9](\.[0-9]{2})?`, "price": `[1-9][0-9]{3,4}(\.[0-9]{2})?`}},
		{"titles", tableOf("employees", "title", upTo(30), "title_of_courtesy", upTo(25), "hire_date", dayType, "home_phone", upTo(24), "extension", upTo(4)), nil,
			map[string]string{"title": `[A-Z][A-Za-z]+( [A-Za-z]+)*`, "title_of_courtesy": `M[rs]\.`, "extension": `[1-9][0-9]{2,3}`}},
		{"people by prefix", tableOf("changesets", "commit_author_name", textType, "commit_author_email", textType, "worker_hostname", textType, "ship_name", textType, "ship_city", textType, "ship_region", upTo(15)), nil,
			map[string]string{"commit_author_name": person, "worker_hostname": `[a-z]+[0-9]+\.[a-z.]+`, "ship_name": person, "ship_region": `[A-Z]{2}`}},
		{"those who sign in", unique(tableOf("editors", "name", textType, "email", textType, "password", upTo(60)), "name"), nil, map[string]string{"name": `[a-z]+\.[a-z]+[0-9]*`}},
		{"unique names", unique(tableOf("artists", "name", textType), "name"), nil, map[string]string{"name": person}},
		{"kinds of people", tableOf("contact_type", "name", textType), nil, map[string]string{"name": words}},
		{"kinds of things", tableOf("jobs", "job_type", textType, "kind", textType, "document_type", textType), nil, map[string]string{"job_type": words, "kind": words, "document_type": words}},
		{"goods", tableOf("products", "type", textType, "price", amount(5, 2)), nil, map[string]string{"type": `[A-Z].*`, "price": `[0-9]{1,3}\.[0-9]{2}`}},
		{"organisations and teams", tableOf("orgs", "display_name", textType), nil, map[string]string{"display_name": `[A-Z][A-Za-z.& ]+`}},
		{"teams", tableOf("teams", "name", textType), nil, map[string]string{"name": `[A-Z][A-Za-z ]+`}},
		{"concerts", tableOf("event", "name", textType, "begin_date", dayType, "venue", textType), nil, map[string]string{"name": `[A-Z][A-Za-z]+( [A-Z][A-Za-z]+)+`}},
		{"states", byDefault(tableOf("changesets", "external_review_state", textType, "publication_state", textType, "state", textType, "finished_at", momentType), "publication_state", "'UNPUBLISHED'::text"), nil,
			map[string]string{"external_review_state": `pending|approved|rejected|withdrawn`, "publication_state": `[A-Z_]+`, "state": words}},
		{"revisions", tableOf("builds", "commit_oids", listType, "base_rev", textType, "head_ref", textType, "branch", textType), nil,
			map[string]string{"commit_oids": `\{([0-9a-f]{40}(,[0-9a-f]{40})*)?\}`, "base_rev": `[0-9a-f]{40}`, "head_ref": `refs/heads/.+`, "branch": `[a-z0-9./-]+`}},
		{"secrets", tableOf("users", "reset_code", textType, "ha1", exactly(32), "md5", exactly(32), "code_challenge", textType), nil,
			map[string]string{"reset_code": `[A-Za-z0-9]{24}`, "ha1": `[0-9a-f]{32}`, "md5": `[0-9a-f]{32}`, "code_challenge": `[A-Za-z0-9_-]{43}`}},
		{"addresses on the web", tableOf("configs", "phone_service_url", textType, "github_url", textType), nil, map[string]string{"phone_service_url": `https://.+`, "github_url": `https://.+`}},
		{"documents in texts", byDefault(tableOf("settings", "contents", textType), "contents", "'{}'::text"), nil, map[string]string{"contents": `\{.*\}`}},
		{"codes of states", tableOf("us_states", "state_abbr", upTo(2), "state_name", upTo(100)), nil, map[string]string{"state_abbr": `[A-Z]{2}`, "state_name": `[A-Z][A-Za-z ]+`}},
		{"codes of languages", tableOf("language", "iso_code_2t", exactly(3), "iso_code_1", exactly(2)), nil, map[string]string{"iso_code_2t": `[a-z]{3}`, "iso_code_1": `[a-z]{2}`}},
		{"codes of scripts", tableOf("script", "iso_code", exactly(4), "iso_number", exactly(3)), nil, map[string]string{"iso_code": `[A-Z][a-z]{3}`, "iso_number": `[0-9]{3}`}},
		{"codes of countries", tableOf("nations", "iso_alpha2", exactly(2), "iso_alpha3", exactly(3)), nil, map[string]string{"iso_alpha2": `[A-Z]{2}`, "iso_alpha3": `[A-Z]{3}`}},
		{"numbers of papers", tableOf("accounts", "account_number", upTo(12), "vat_number", textType, "catalog_number", textType), nil,
			map[string]string{"account_number": `[1-9][0-9]{8}`, "vat_number": `[A-Z]{2}[0-9]{9}`, "catalog_number": `[A-Z]{2,4}-[0-9]{3,4}`}},
		{"tables with a prefix", tableOf("ipblocks", "ipb_is_new", smallType, "ipb_url", textType, "ipb_first_name", textType, "ipb_username", textType), nil, map[string]string{"ipb_is_new": `[01]`, "ipb_url": `https://.+`, "ipb_first_name": `[A-Z][a-z]+`}},
		{"numbers", tableOf("film", "discontinued", integerType, "rental_duration", smallType, "length", smallType, "vote", smallType, "exp_year", smallType, "rental_amount", amount(5, 2)), nil,
			map[string]string{"discontinued": `[01]`, "rental_duration": `[1-9]|1[0-4]`, "length": `[4-9][0-9]|1[0-9]{2}`, "vote": `[1-5]`, "exp_year": `20(2[6-9]|3[0-4])`, "rental_amount": `[0-9]{1,3}\.[0-9]{2}`}},
		{"a share that is taken off", tableOf("order_details", "unit_price", realType, "quantity", smallType, "discount", realType), nil, map[string]string{"discount": `0(\.[0-9]+)?`}},
		{"documents that checks take", checked(tableOf("f", "matcher", jsonbType), "(((matcher ? 'Version'::text) AND ((matcher ->> 'Version'::text) <> ''::text) AND (NOT (matcher ? 'Package'::text))) OR ((matcher ? 'Package'::text) AND (jsonb_typeof((matcher -> 'Package'::text)) = 'string'::text)))", "matcher"), nil,
			map[string]string{"matcher": `\{"(Version|Package)": ".+"\}`}},
		{"patterns of optional columns", checked(tableOf("f", "code?", exactly(15)), `(code ~ '^T\d{14}$'::text)`, "code"), nil, map[string]string{"code": `T[0-9]{14}|null`}},
	} {
		r := infer(t, database(append([]*schema.Table{x.table}, x.more...)...))
		got := cells(t, r.Plan, x.table.Name)
		for name, want := range x.want {
			whole := regexp.MustCompile(`^(?s:` + want + `)$`)
			nulls := 0
			for _, text := range strings.Split(strings.TrimSuffix(got[name], "\n"), "\n") {
				if !whole.MatchString(strings.TrimRight(text, " ")) {
					t.Errorf("%s: %s.%s is %q, not like %s", x.family, x.table.Name, name, text, want)
					break
				}
				if text == "null" {
					nulls++
				}
			}
			if nulls > 100 {
				t.Errorf("%s: %s.%s: %d nulls of 200 rows", x.family, x.table.Name, name, nulls)
			}
		}
	}
}

// TestOrderOfMoments: what happens later is not earlier, of moments, days, times of day, years and seconds.
func TestOrderOfMoments(t *testing.T) {
	for _, x := range []struct {
		table *schema.Table
		after []string // pairs: the first is not after the second
	}{
		{tableOf("rental", "rental_date", momentType, "return_date?", momentType, "last_update", momentType), []string{"rental_date return_date", "rental_date last_update"}},
		{tableOf("orders", "order_date?", dayType, "required_date?", dayType, "shipped_date?", dayType), []string{"order_date required_date", "order_date shipped_date", "shipped_date required_date"}},
		{tableOf("edits", "open_time?", momentType, "close_time?", momentType, "expire_time", momentType), []string{"open_time close_time", "open_time expire_time"}},
		{tableOf("shops", "open_time", clockType, "close_time", clockType), []string{"open_time close_time"}},
		{tableOf("tokens", "granted", momentType, "expire_time", momentType), []string{"granted expire_time"}},
		{tableOf("invites", "created_at", momentType, "expires_at?", momentType, "responded_at?", momentType, "deleted_at?", momentType), []string{"created_at expires_at", "created_at responded_at", "responded_at expires_at", "created_at deleted_at"}},
		{tableOf("uploads", "uploaded_at", momentType, "queued_at?", momentType, "started_at?", momentType, "finished_at?", momentType), []string{"uploaded_at queued_at", "queued_at started_at", "started_at finished_at"}},
		{tableOf("employees", "hire_date", dayType, "termination_date?", dayType), []string{"hire_date termination_date"}},
		{tableOf("artists", "first_release_date", dayType, "last_release_date", dayType), []string{"first_release_date last_release_date"}},
		{tableOf("labels", "begin_date_year?", smallType, "end_date_year?", smallType), []string{"begin_date_year end_date_year"}},
		{tableOf("cars", "start_year", integerType, "end_year", integerType), []string{"start_year end_year"}},
		{tableOf("ipblocks", "ipb_address", textType, "ipb_timestamp", momentType, "ipb_expiry", momentType), []string{"ipb_timestamp ipb_expiry"}},
		{tableOf("shift", "starttime", clockType, "endtime", clockType, "modifieddate", momentType), []string{"starttime endtime"}},
		{tableOf("customers", "create_date", dayType, "last_update", momentType), []string{"create_date last_update"}},
		{tableOf("trials", "trial_starts_at", momentType, "trial_ends_at", momentType, "starts_at", momentType), []string{"trial_starts_at trial_ends_at"}},
	} {
		r := infer(t, database(x.table))
		got := cells(t, r.Plan, x.table.Name)
		for _, pair := range x.after {
			first, last, _ := strings.Cut(pair, " ")
			early, late := strings.Split(got[first], "\n"), strings.Split(got[last], "\n")
			held := 0
			for i := range 200 {
				if early[i] == "null" || late[i] == "null" {
					continue
				}
				if held++; early[i] > late[i] {
					t.Errorf("%s row %d: %s %s, %s %s", x.table.Name, i, first, early[i], last, late[i])
					break
				}
			}
			least := 20
			if last == "deleted_at" { // few rows are
				least = 3
			}
			if held < least {
				t.Errorf("%s: %d rows have %s and %s", x.table.Name, held, first, last)
			}
		}
	}
}

func TestRankOf(t *testing.T) {
	for name, want := range map[string]struct {
		rank int
		of   string
	}{
		"created_at": {10, ""}, "trial_ends_at": {50, "trial"}, "begin_date_year": {30, "year"}, "first_release_date": {30, "release"}, "last_started_at": {50, "started"}, "order_date": {15, ""},
		"validUntil": {60, ""}, "opted_in_at": {30, "opted"}, "last_login": {50, "login"}, "birth_date": {0, "birth"},
	} {
		if rank, of := rankOf(name, nil); rank != want.rank || of != want.of {
			t.Errorf("%s: %d of %q, not %d of %q", name, rank, of, want.rank, want.of)
		}
	}
}

// TestMeanings: what columns mean together holds in every row, and what keys leave no room for gives way.
func TestMeanings(t *testing.T) {
	line := tableOf("order_lines", "quantity", integerType, "unit_price", amountType, "line_total", amountType, "used_count", integerType, "max_uses", integerType,
		"name", textType, "slug", textType, "is_locked", flagType, "locked_at?", momentType, "created_at", momentType)
	r := infer(t, database(line))
	got := cells(t, r.Plan, "order_lines")
	column := func(name string) []string { return strings.Split(got[name], "\n") }
	number := func(text string) float64 {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	locked := 0
	for i := range 200 {
		if q, p, total := number(column("quantity")[i]), number(column("unit_price")[i]), number(column("line_total")[i]); math.Abs(q*p-total) > 0.005 {
			t.Errorf("row %d: %v * %v is %v", i, q, p, total)
		}
		if used, most := number(column("used_count")[i]), number(column("max_uses")[i]); used > most {
			t.Errorf("row %d: %v of %v", i, used, most)
		}
		if on, at := column("is_locked")[i] == "true", column("locked_at")[i] != "null"; on != at {
			t.Errorf("row %d: locked %v, with a moment %v", i, on, at)
		} else if on {
			locked++
		}
	}
	if locked == 0 {
		t.Error("no row is locked")
	}
	for _, want := range []string{"order_lines.line_total = quantity * unit_price", "order_lines.used_count is at most max_uses", "order_lines.slug is made of name", "order_lines.locked_at is there where is_locked"} {
		if !slices.ContainsFunc(r.Meanings, func(m string) bool { return strings.HasPrefix(m, want) }) {
			t.Errorf("%q is not said: %q", want, r.Meanings)
		}
	}
}
