package meaning

import (
	"slices"
	"strings"
)

// Prose is what people write of something, in the words of generator prose.
type Prose struct {
	Genre       string
	Of, By      string // paths of the text that it is about, and of the cell that decides between the genre's kinds; ""
	Group       string
	Least, Most int // sentences
}

var (
	wares    = set("product item good merchandise sku ware variant")
	reviewed = set("review rating testimonial feedback evaluation")
	places   = set("hotel restaurant property listing venue apartment room store shop spot place stay booking reservation appointment clinic doctor trip ride order delivery visit host driver business company")
	works    = set("book movie film song album show series game podcast episode track course")
	homes    = set("property apartment house listing rental flat home accommodation")
	papers   = set("article post blog news story page guide tutorial blog_post")
	troubles = set("ticket issue bug defect")
	chores   = set("task todo card story subtask assignment chore activity")
)

// subjects are tables whose rows have a description of their own, by the genre of it.
var subjects = []struct {
	about map[string]bool
	genre string
	least int
	most  int
}{
	{set("hotel hostel inn resort motel"), "hotel", 2, 4},
	{set("restaurant cafe bar bistro diner"), "restaurant", 1, 3},
	{set("company organization vendor supplier business brand manufacturer merchant partner agency store shop"), "company", 1, 3},
	{set("category collection section"), "category", 1, 1},
	{set("event concert festival show exhibition conference meetup workshop webinar"), "event", 2, 4},
	{set("course class lesson module training program"), "course", 2, 4},
	{set("job vacancy opening posting position"), "job", 3, 5},
	{set("project initiative campaign"), "project", 1, 3},
}

// writings are texts that people write: what they are about decides what stands there.
func (r *reading) writings() {
	if len(r.Owner) == 0 {
		return
	}
	r.wares()
	r.reviews()
	r.papers()
	title := r.source()
	describes := func(genre, title string, least, most int) {
		for _, c := range r.Columns {
			switch name := strings.Join(r.own(c), "_"); {
			case title != "" && set("title subject name summary headline")[name]:
				r.writes(c, 24, &Prose{Genre: title})
			case set("description details body content text long_description full_description notes")[name]:
				r.writes(c, 60, &Prose{Genre: genre, Least: least, Most: most})
			case set("short_description summary teaser")[name]:
				r.writes(c, 60, &Prose{Genre: genre})
			}
		}
	}
	switch last := r.Owner[len(r.Owner)-1]; {
	case homes[last] && (r.worded([]string{"bedrooms"}) != nil || r.worded([]string{"bathrooms"}) != nil || r.worded([]string{"property", "type"}) != nil || r.worded([]string{"rooms"}) != nil):
		describes("home", "home_title", 2, 5)
	case troubles[last] && title != nil && !r.has(set("pull merge feature leave time")):
		describes("issue", "issue_title", 2, 4)
	case set("request order ticket work_order")[last] && r.has(set("maintenance repair work service")) && title != nil && (r.refers(homes) || r.refers(set("unit building lease room"))):
		describes("repair", "repair_title", 1, 3)
	case set("viewing showing")[last]:
		for _, c := range r.Columns {
			if set("feedback notes comment")[strings.Join(r.own(c), "_")] {
				r.writes(c, 60, &Prose{Genre: "viewing_feedback"})
			}
		}
	case chores[last] && title != nil && r.named2("title", "name", "subject") != nil && (last != "activity" && last != "story" || r.named2("due", "due_date", "due_at", "done", "completed", "completed_at", "priority") != nil):
		describes("task", "task_title", 1, 3)
	case set("comment reply answer")[last] || last == "post" && r.named2("title", "headline") == nil && r.refers(set("thread topic forum discussion")):
		genre := "comment"
		if r.refers(set("ticket issue case request")) {
			genre = "support_reply"
		}
		for _, c := range r.Columns {
			if set("body content text comment message")[strings.Join(r.own(c), "_")] {
				r.writes(c, 40, &Prose{Genre: genre, Least: 1, Most: 2})
			}
		}
	case set("message chat")[last] && !r.has(set("commit error log template queue outbox email push")):
		genre, most := "message", 2
		if r.refers(set("ticket issue case")) {
			genre, most = "support_reply", 3
		}
		for _, c := range r.Columns {
			if set("body content text message")[strings.Join(r.own(c), "_")] {
				r.writes(c, 40, &Prose{Genre: genre, Least: 1, Most: most})
			}
		}
	default:
		for _, s := range subjects {
			if !s.about[last] || title == nil {
				continue
			}
			for _, c := range r.Columns {
				if set("description summary about details short_description body intro")[strings.Join(r.own(c), "_")] && c != title {
					r.writes(c, 60, &Prose{Genre: s.genre, Of: title.Name, Least: s.least, Most: s.most})
				}
			}
		}
	}
}

// writes claims a text that nobody else has a meaning for, and that has room for it.
func (r *reading) writes(c *Column, room int, p *Prose) {
	if !c.text() || c.Refers != nil || c.Unique || len(c.Values) > 0 || c.Type.Length > 0 && c.Type.Length < room {
		return
	}
	says := r.Name + "." + c.Name + " is what people write: " + strings.ReplaceAll(p.Genre, "_", " ")
	k := Claim{Column: c.Name, Confidence: 0.84, Prose: p}
	for _, path := range []string{p.Of, p.By} {
		if path == "" {
			continue
		}
		first, _, _ := strings.Cut(path, ".")
		k.Reads = append(k.Reads, first)
		says += ", by " + path
	}
	k.Says = says
	r.claim(k)
}

// named2 finds a column by one of some names, of whatever type.
func (r *reading) named2(names ...string) *Column {
	for _, n := range names {
		if c := r.worded(strings.Split(n, "_")); c != nil {
			return c
		}
	}
	return nil
}

// refers tells whether a row belongs to one of some things.
func (r *reading) refers(things map[string]bool) bool {
	return slices.ContainsFunc(r.Columns, func(c *Column) bool {
		return c.Refers != nil && c.Refers.Parent != nil && c.Refers.Parent.about(things)
	})
}

// wares are goods: their names are those of their category's goods.
func (r *reading) wares() {
	last := r.Owner[len(r.Owner)-1]
	menu := r.has(set("menu")) || set("dish meal")[last]
	if !wares[last] && !menu || r.has(set("order cart invoice line wishlist loan financial insurance bank")) && !menu || r.refers(set("order cart invoice receipt")) {
		return
	}
	name := r.source()
	if name == nil || !menu && !slices.ContainsFunc(r.Columns, func(c *Column) bool { return c.number() && c.has(set("price cost msrp")) }) && r.worded([]string{"sku"}) == nil {
		return
	}
	genre := "product"
	if menu {
		genre = "dish"
	} else {
		p := &Prose{Genre: "product_name"}
		for _, c := range r.Columns {
			switch {
			case c.Refers != nil && !c.Refers.Self && c.Refers.Parent != nil && c.Refers.Parent.about(set("category")) && p.By == "":
				for _, o := range c.Refers.Parent.Columns {
					if n := strings.Join(c.Refers.Parent.own(o), "_"); o.text() && o.NotNull && (n == "name" || n == "title") {
						p.By = c.Name + "." + o.Name
					}
				}
			case c.text() && strings.Join(r.own(c), "_") == "category" && p.By == "":
				p.By = c.Name
			}
		}
		r.writes(name, 40, p)
	}
	for _, c := range r.Columns {
		switch strings.Join(r.own(c), "_") {
		case "description", "long_description", "full_description", "details":
			most := 4
			if menu {
				most = 1
			}
			r.writes(c, 60, &Prose{Genre: genre, Of: name.Name, Least: min(2, most), Most: most})
		case "short_description", "summary", "subtitle":
			r.writes(c, 60, &Prose{Genre: genre, Of: name.Name})
		}
	}
}

// reviews fit their rating and name what they are about.
func (r *reading) reviews() {
	if !r.about(reviewed) {
		return
	}
	kind, of, by := "", "", ""
	for _, c := range r.Columns {
		switch {
		case c.Refers != nil && !c.Refers.Self && c.Refers.Parent != nil && of == "":
			p := c.Refers.Parent
			switch {
			case p.about(places):
				kind = "place_"
			case p.about(works):
				kind = "work_"
			case !p.about(wares) && !p.about(set("article variant")):
				continue
			}
			for _, n := range []string{"name", "title"} {
				if o := p.worded([]string{n}); o != nil && o.text() && of == "" && !p.about(set("order booking reservation")) {
					of = c.Name + "." + o.Name
				}
			}
		case c.number() && (by == "" || strings.Join(c.Words, "_") == "rating") && c.has(set("rating stars score")) && !c.has(set("count delivery")):
			by = c.Name
		}
	}
	for _, c := range r.Columns {
		switch strings.Join(r.own(c), "_") {
		case "title", "headline", "subject", "summary":
			r.writes(c, 30, &Prose{Genre: kind + "review_title", Of: of, By: by})
		case "reply", "response", "owner_response", "answer":
			r.writes(c, 60, &Prose{Genre: "review_reply", Least: 1, Most: 2})
		case "body", "content", "comment", "text", "message", "description", "feedback", "review", "comments":
			r.writes(c, 60, &Prose{Genre: kind + "review", Of: of, By: by, Least: 1, Most: 4})
		}
	}
}

// papers have a title, a summary and a text on one topic.
func (r *reading) papers() {
	last := r.Owner[len(r.Owner)-1]
	text := r.named2("body", "content", "text", "body_html", "html", "markdown")
	title := r.named2("title", "headline")
	if !papers[last] || text == nil || title == nil || r.refers(set("thread order")) {
		return
	}
	for _, c := range r.Columns {
		switch strings.Join(r.own(c), "_") {
		case "title", "headline":
			r.writes(c, 50, &Prose{Genre: "article_title", Group: "self"})
		case "meta_title", "seo_title":
			if c.Type.Length == 0 || c.Type.Length >= title.Type.Length && title.Type.Length > 0 {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is its " + title.Name, Confidence: 0.84, Computed: cell(title.Name), Reads: []string{title.Name}})
			}
		case "subtitle", "excerpt", "summary", "teaser", "meta_description", "seo_description", "description", "lead", "intro", "abstract", "standfirst":
			r.writes(c, 60, &Prose{Genre: "article_excerpt", Group: "self"})
		case "body", "content", "text", "markdown":
			r.writes(c, 200, &Prose{Genre: "article", Group: "self", Least: 7, Most: 15})
		}
	}
}
