package infer

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sowerdata/sower/schema"
)

// tables is a table whose cells are asked for.
type tables struct{ table *schema.Table }

func of(name string, columns ...any) *tables { return &tables{tableOf(name, columns...)} }

func (x *tables) rows(t *testing.T) map[string]string {
	t.Helper()
	return cells(t, infer(t, database(x.table)).Plan, x.table.Name)
}

// match tells of cells that do not match; those of several lines are left out.
func (x *tables) match(t *testing.T, want map[string]string) {
	t.Helper()
	rows := x.rows(t)
	for name, pattern := range want {
		re := regexp.MustCompile("^(" + pattern + ")$")
		all := strings.Split(strings.TrimSuffix(rows[name], "\n"), "\n")
		if len(all) != 200 {
			continue
		}
		for i, text := range all {
			if text != "null" && !re.MatchString(text) {
				t.Errorf("%s.%s: row %d is %q, not %s", x.table.Name, name, i, text, pattern)
				break
			}
		}
	}
}

// Columns whose names are abbreviations, German, or have the table's short name before them mean what their long names do.
func TestShortNames(t *testing.T) {
	for _, x := range []struct {
		table *tables
		want  map[string]string
	}{
		{of("t_user", "usr_fst_nm", upTo(40), "usr_lst_nm", upTo(40), "usr_eml_adr", upTo(120), "usr_ph_no", upTo(30), "ccy_cd", exactly(3), "cntry_cd", exactly(2)), map[string]string{
			"usr_fst_nm": `[A-Z][a-z]+`, "usr_lst_nm": `[A-Z][A-Za-z]+`, "usr_eml_adr": `[a-z.0-9]+@.*`, "usr_ph_no": `\+[0-9 -]+`, "ccy_cd": `[A-Z]{3}`, "cntry_cd": `[A-Z]{2}`}},
		{of("kunden", "vorname", textType, "nachname", textType, "plz", upTo(5), "ort", textType, "geb_dat", dayType, "tel_nr", upTo(30)), map[string]string{
			"vorname": `[A-Z][a-z]+`, "nachname": `[A-Z][A-Za-z]+`, "plz": `[0-9]{5}`, "ort": `[A-Z][A-Za-z. ]+`, "geb_dat": `(19|200).*`, "tel_nr": `\+[0-9 -]+`}},
		{of("tblCustomer", "strFirstName", upTo(40), "strLastName", upTo(40), "strEmail", upTo(120)), map[string]string{"strFirstName": `[A-Z][a-z]+`, "strLastName": `[A-Z][A-Za-z]+`, "strEmail": `.+@.+`}},
		{of("t_article", "art_id", integerType, "art_ttl", upTo(160), "art_slug", upTo(200), "art_body", textType), map[string]string{"art_ttl": `[A-Z][^.]+`}},
	} {
		x.table.match(t, x.want)
	}
}

// Texts fit what they are written of.
func TestWritings(t *testing.T) {
	products := of("products", "name", upTo(160), "description", textType, "price", amountType, "brand", upTo(60))
	products.match(t, map[string]string{"name": `[A-Z].*`, "brand": `[A-Z][A-Za-z& ]+`, "description": `[A-Z].*[.]`})
	reviews := of("reviews", "rating", integerType, "title", textType, "body", textType, "product_name", textType)
	rows := reviews.rows(t)
	ratings := strings.Split(rows["rating"], "\n")
	for i, body := range strings.Split(rows["body"], "\n") {
		good := regexp.MustCompile(`happier|first class|loves it|Highly recommended|Five stars`).MatchString(body)
		bad := regexp.MustCompile(`waste of money|never answered|terrible|went straight back`).MatchString(body)
		if good && ratings[i] < "4" || bad && ratings[i] > "2" {
			t.Errorf("row %d: %s stars, and %q", i, ratings[i], body)
		}
	}
	articles := of("articles", "title", upTo(200), "excerpt", upTo(300), "body", textType).rows(t)
	if n := strings.Count(articles["body"], "\n\n"); n < 200 {
		t.Errorf("200 articles have %d breaks between paragraphs", n)
	}
	for i, title := range strings.Split(strings.TrimSuffix(articles["title"], "\n"), "\n") {
		if excerpt := strings.Split(articles["excerpt"], "\n")[i]; strings.Contains(title, "sourdough") && strings.Contains(excerpt, "database") {
			t.Errorf("%q is about %q", title, excerpt)
		}
	}
	of("users", "bio", textType, "email", textType, "password_hash", textType, "avatar_url", textType).match(t, map[string]string{"avatar_url": `https://avatars\..*`, "bio": `[A-Z].*[.]`})
	of("subscriptions", "status", textType, "cancel_reason", textType).match(t, map[string]string{"cancel_reason": `[A-Z][A-Za-z ]+`})
	of("payments", "amount", amountType, "failure_reason", textType, "card_brand", textType).match(t, map[string]string{"failure_reason": `[A-Z][A-Za-z ]+`, "card_brand": `[A-Z][A-Za-z ]+`})
}

// What goes with a country is that of the row's; a default comes most often.
func TestLands(t *testing.T) {
	rows := of("customers", "country_code", exactly(2), "currency", exactly(3), "locale", upTo(10), "time_zone", upTo(50)).rows(t)
	currency := strings.Split(rows["currency"], "\n")
	zones := strings.Split(rows["time_zone"], "\n")
	for i, code := range strings.Split(rows["country_code"], "\n") {
		if code == "DE" && (currency[i] != "EUR" || zones[i] != "Europe/Berlin") || code == "US" && (currency[i] != "USD" || zones[i] != "America/New_York") {
			t.Errorf("row %d: %s, %s, %s", i, code, currency[i], zones[i])
		}
	}
	firms := of("suppliers", "country_code", exactly(2), "vat_number", upTo(20), "iban", upTo(34), "bic", upTo(11), "language", textType).rows(t)
	column := func(name string) []string { return strings.Split(firms[name], "\n") }
	for i, code := range column("country_code") {
		vat, iban, bic, language := column("vat_number")[i], column("iban")[i], column("bic")[i], column("language")[i]
		if code == "DE" && !(strings.HasPrefix(vat, "DE") && strings.HasPrefix(iban, "DE") && language == "German") || code != "" && bic[4:6] != code {
			t.Errorf("a firm in %s: %s, %s, %s, %s", code, vat, iban, bic, language)
		}
	}
	towns := of("stores", "city", textType, "state", exactly(2), "time_zone", textType).rows(t)
	for i, state := range strings.Split(towns["state"], "\n") {
		if zone := strings.Split(towns["time_zone"], "\n")[i]; state == "WA" && zone != "America/Los_Angeles" || state == "IL" && zone != "America/Chicago" {
			t.Errorf("a town in %s lives by %s", state, zone)
		}
	}
	d := of("orders", "currency", exactly(3), "total", amountType)
	d.table.Column("currency").Default = "'CHF'::bpchar"
	if n := strings.Count(d.rows(t)["currency"], "CHF"); n < 120 {
		t.Errorf("%d of 200 rows have the default", n)
	}
}

// A text that is a key is an identifier, and the last change is none before what happened to the row.
func TestKeysAndChanges(t *testing.T) {
	orders := of("Order", "id", textType, "createdAt", momentType, "placedAt", momentType, "paidAt?", momentType, "shippedAt?", momentType, "updatedAt", momentType, "status", textType)
	orders.table.PrimaryKey = &schema.Unique{Name: "order_pkey", Columns: []string{"id"}, Constraint: true}
	rows := orders.rows(t)
	column := func(name string) []string { return strings.Split(strings.TrimSuffix(rows[name], "\n"), "\n") }
	for i, id := range column("id") {
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			t.Fatalf("a key is %q", id)
		}
		last := column("updatedAt")[i]
		for _, name := range []string{"createdAt", "placedAt", "paidAt", "shippedAt"} {
			if at := column(name)[i]; at != "null" && at > last {
				t.Errorf("row %d: changed %s, %s %s", i, last, name, at)
			}
		}
	}
}
