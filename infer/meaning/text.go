package meaning

import (
	"strings"

	"github.com/sowerdata/sower/column"
)

var (
	slugs  = set("slug permalink url_slug url_key seo_name handle_slug name_slug title_slug")
	names  = []string{"name", "title", "headline", "subject", "label", "display_name", "product_name", "company_name", "business_name", "organization_name", "legal_name"}
	firms  = set("organizer promoter sponsor lender insurer company organization account vendor supplier business brand manufacturer publisher merchant partner institution agency employer carrier airline studio label bank shipper store shop tenant workspace client customer school university hospital restaurant hotel")
	images = set("image photo picture avatar thumbnail cover logo gallery banner screenshot")
)

// texts are those that repeat another one in another form: a slug of a title, the domain of a company, the name of a file by its type.
func (r *reading) texts() {
	r.slugs()
	r.types()
	r.brands()
}

// source finds the text by which a row goes.
func (r *reading) source() *Column {
	for _, n := range names {
		for _, c := range r.Columns {
			if c.text() && c.NotNull && c.Refers == nil && (strings.Join(c.Words, "_") == n || strings.Join(r.own(c), "_") == n) {
				return c
			}
		}
	}
	return nil
}

func (r *reading) slugs() {
	from := r.source()
	if from == nil {
		return
	}
	var slug *Column
	for _, c := range r.Columns {
		if !c.text() || !r.is(c, slugs) {
			continue
		}
		k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is made of " + from.Name, Confidence: 0.9, Slug: &Slug{Of: from.Name}, Reads: []string{from.Name}}
		if c.Unique && !from.Unique {
			if key := r.key(); key != nil {
				k.Slug.Number, k.Reads = key.Name, append(k.Reads, key.Name)
			}
		}
		if r.claim(k) {
			slug = c
		}
	}
	if !r.about(firms) || from.has(set("first last")) || r.worded([]string{"first", "name"}) != nil {
		return
	}
	for _, c := range r.Columns {
		if !c.text() || c.Unique || c.Type.Length > 0 && c.Type.Length < 60 {
			continue
		}
		before := ""
		switch name := strings.Join(r.own(c), "_"); name {
		case "domain", "domain_name":
		case "website", "website_url", "homepage", "web_site", "url", "site_url", "web_url", "homepage_url":
			before = "https://www."
		case "billing_email", "support_email", "contact_email", "info_email", "sales_email":
			before = strings.TrimSuffix(name, "_email") + "@"
		case "email", "email_address":
			before = "info@"
		default:
			continue
		}
		k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is made of " + from.Name, Confidence: 0.86, Slug: &Slug{Of: from.Name}, Text: before + "{}.example", Reads: []string{from.Name}}
		if slug != nil {
			k.Slug, k.Text, k.Reads = nil, before+"{"+slug.Name+"}.example", []string{slug.Name}
		}
		r.claim(k)
	}
}

// key finds the column by whose numbers rows are told apart.
func (r *reading) key() *Column {
	for _, c := range r.Columns {
		if c.Unique && c.Type.Kind == column.Int && c.NotNull && c.Refers == nil {
			return c
		}
	}
	return nil
}

// kinds of files: the end of their names, and how often each is among pictures and among others.
var kinds = []struct {
	mime, ends       string
	picture, another int
}{
	{"image/jpeg", "jpg", 55, 14}, {"image/png", "png", 30, 10}, {"image/webp", "webp", 10, 0}, {"image/gif", "gif", 5, 0},
	{"application/pdf", "pdf", 0, 40}, {"text/plain", "txt", 0, 8}, {"text/csv", "csv", 0, 10}, {"application/zip", "zip", 0, 6}, {"application/json", "json", 0, 4}, {"video/mp4", "mp4", 0, 4}, {"application/msword", "doc", 0, 4},
}

// types lets the name of a file, and its extension, fit its MIME type.
func (r *reading) types() {
	var mime *Column
	for _, c := range r.Columns {
		if c.text() && (c.has(set("mime")) || strings.HasSuffix(strings.Join(c.Words, "_"), "content_type")) && !c.Unique && (c.Type.Length == 0 || c.Type.Length >= 20) {
			mime = c
		}
	}
	if mime != nil && len(mime.Values) > 0 {
		mime = nil
	}
	if r.recordings(mime) || mime == nil {
		return
	}
	picture := r.has(images) || mime.has(images)
	k := Claim{Column: mime.Name, Says: r.Name + "." + mime.Name + " is what such files are", Confidence: 0.85}
	ends, files := &Cases{On: mime.Name}, &Cases{On: mime.Name}
	for _, f := range kinds {
		if n := map[bool]int{true: f.picture, false: f.another}[picture]; n > 0 {
			k.Weights = append(k.Weights, Weight{f.mime, n})
			ends.Of = append(ends.Of, Case{f.mime, f.ends})
			files.Of = append(files.Of, Case{f.mime, "(invoice|report|summary|photo|scan|draft|notes|plan|export|contract|brochure|manual|budget|agenda|cover|team|product|detail|front|side)[-_](20(2[1-5])|[a-z]{4,7}|[1-9][0-9]{0,3})\\." + f.ends})
			if picture {
				files.Of[len(files.Of)-1].Pattern = "(photo|image|front|back|side|detail|cover|view|product|team)[-_]([a-z]{4,7}|[1-9][0-9]{0,3})\\." + f.ends
			}
		}
	}
	r.claim(k)
	for _, c := range r.Columns {
		if !c.text() || c == mime || c.Unique {
			continue
		}
		switch name := strings.Join(c.Words, "_"); {
		case name == "file_name" || name == "filename" || name == "original_filename" || name == "original_name" || name == "original_file_name" || name == "name" && r.about(set("file attachment upload blob asset media image photo")):
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " fits " + mime.Name, Confidence: 0.88, Cases: files, Reads: []string{mime.Name}})
		case name == "extension" || name == "file_extension" || name == "file_ext" || name == "ext":
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " fits " + mime.Name, Confidence: 0.9, Cases: ends, Reads: []string{mime.Name}})
		}
	}
}

// issuers are the first digits of cards, by their brand.
var issuers = map[string]string{"visa": "4[0-9]{5}", "mastercard": "5[1-5][0-9]{4}", "amex": "3[47][0-9]{4}", "american_express": "3[47][0-9]{4}", "discover": "6011[0-9]{2}", "jcb": "35[3-8][0-9]{3}", "diners": "36[0-9]{4}", "maestro": "6759[0-9]{2}"}

// brands lets a card's first digits be those of its brand.
func (r *reading) brands() {
	for _, b := range r.Columns {
		if !b.text() || len(b.Values) < 2 || !b.has(set("brand network scheme type issuer")) {
			continue
		}
		of := &Cases{On: b.Name, Else: "4[0-9]{5}"}
		for _, v := range b.Values {
			if p := issuers[normal(v)]; p != "" {
				of.Of = append(of.Of, Case{v, p})
			}
		}
		for _, c := range r.Columns {
			if name := strings.Join(c.Words, "_"); len(of.Of) > 1 && c.text() && (strings.HasSuffix(name, "first_6") || strings.HasSuffix(name, "first6") || name == "bin" || name == "iin" || name == "card_bin") && c.Type.Length >= 6 {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " fits " + b.Name, Confidence: 0.9, Cases: of, Reads: []string{b.Name}})
			}
		}
	}
}
