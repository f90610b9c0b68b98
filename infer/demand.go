package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	limit "github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
)

// A trigger that refuses rows unless a row of another table goes with them asks for what a foreign key asks for: that row is
// there, and cells of both agree. Such demands are read from the trigger's text, and become keys that no constraint states.

// demand is one of them: the columns of the row, the other table, and the columns there that have the same values.
type demand struct {
	table         string
	columns, refs []string
	there         bool   // the row has to be there even where columns are null
	wants         []want // of the other row
}

var (
	quotedName = regexp.MustCompile(`"(\w+)"`)
	spaces     = regexp.MustCompile(`\s+`)
	ifAt       = regexp.MustCompile(`\b(?:if|elsif|elseif) (.+?) then\b`)
	raisesHere = regexp.MustCompile(`^[^;]*\braise (?:exception\b|sqlstate\b|'|\w+ using\b|using\b)`)
	raiseWhere = regexp.MustCompile(`\braise ?\( ?(?:abort|fail|rollback) ?,[^;]*?\) ?(?:from [^;]*?)?where ([^;]+)`)
	raiseCase  = regexp.MustCompile(`\bwhen (.+?) then raise ?\( ?(?:abort|fail|rollback)\b`)
	raiseWhen  = regexp.MustCompile(`\bwhen (.+?) begin select raise ?\( ?(?:abort|fail|rollback) ?,[^;]*?\) ?;`)
	selectInto = regexp.MustCompile(`\bselect ([^;]+?) into (?:strict )?(\w+(?: ?, ?\w+)*) from ([^;]+);`)
	assigned   = regexp.MustCompile(`(?:\b(\w+) )?\b([\w.]+(?:%type)?) ?:= ?([^;]+);`)
	performed  = regexp.MustCompile(`\bperform ([^;]+?) from ([^;]+);`)
	notFound   = regexp.MustCompile(`\bnot found\b`)
	otherDeed  = regexp.MustCompile(`(?i)\btg_op ?(?:=|in) ?\(?'(?:update|delete)'|\bold\.`)

	fromOne  = regexp.MustCompile(`^\(? ?select (?:(.+?) )?from ([\w.]+)(?: (?:as )?\w+)?(?: where (.+?))?(?: order by .+?)?(?: limit \d+)?(?: for (?:update|share|key share|no key update))? ?\)?$`)
	within   = regexp.MustCompile(`^new\.(\w+)( not)? in ?(\(.+\))$`)
	noRow    = regexp.MustCompile(`^not \(? ?exists ?(\(.+\)) ?\)?$|^(\(select .+\)) is null$`)
	someRow  = regexp.MustCompile(`^exists ?(\(.+\))$`)
	unlike   = regexp.MustCompile(`^(?:new\.(\w+) ?(?:<>|!=|is distinct from) ?(\(.+\))|(\(.+\)) ?(?:<>|!=|is distinct from) ?new\.(\w+))$`)
	sameCell = regexp.MustCompile(`^\(?([\w.]+)(?:::\w+)? ?(=|<>|!=|is distinct from) ?([\w.]+)(?:::\w+)?\)?$`)
)

// demands reads them from the text of a trigger that refuses rows.
func demands(body string) (out []demand) {
	if limit.Long(body, limit.Text) != nil {
		return nil
	}
	text := spaces.ReplaceAllString(quotedName.ReplaceAllString(lowered(withoutComments(body)), "$1"), " ")
	for _, c := range refusing(text) {
		for _, either := range splitAt(c, "or") {
			if otherDeed.MatchString(either) {
				continue
			}
			conjuncts := splitAt(either, "and")
			for _, one := range conjuncts {
				d, ok := demandOf(one)
				if !ok {
					continue
				}
				for _, n := range d.columns {
					d.there = d.there && !slices.Contains(conjuncts, "new."+n+" is not null")
				}
				out = append(out, d)
				break // what is false of one is false of all
			}
		}
	}
	return out
}

// lowered gives a text in small letters, but for what stands in quotes.
func lowered(s string) string {
	var out strings.Builder
	from := 0
	for _, at := range comments.FindAllStringIndex(s, -1) {
		out.WriteString(strings.ToLower(s[from:at[0]]) + s[at[0]:at[1]])
		from = at[1]
	}
	return out.String() + strings.ToLower(s[from:])
}

// refusing gives the conditions under which a text refuses the row, with what its variables hold in their place.
func refusing(text string) (out []string) {
	for _, form := range []*regexp.Regexp{raiseWhere, raiseCase, raiseWhen} {
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			out = append(out, strings.TrimSpace(m[1]))
		}
	}
	values := map[string]string{}
	for _, m := range selectInto.FindAllStringSubmatch(text, -1) {
		into, what := strings.Split(m[2], ","), splitList(m[1])
		for i, v := range into {
			if len(into) == len(what) {
				values[strings.TrimSpace(v)] = "(select " + what[i] + " from " + m[3] + ")"
			}
		}
		if len(into) == 1 { // a record
			for _, f := range regexp.MustCompile(`\b`+m[2]+`\.(\w+)`).FindAllStringSubmatch(text, -1) {
				values[f[0]] = "(select " + f[1] + " from " + m[3] + ")"
			}
		}
	}
	for _, m := range assigned.FindAllStringSubmatch(text, -1) {
		name := m[1] // of a declaration, before its type
		if slices.Contains([]string{"", "begin", "then", "else", "loop", "declare"}, name) {
			name = m[2]
		}
		if v := strings.TrimSpace(m[3]); strings.HasPrefix(v, "(select ") || newCell.MatchString(v) {
			values[name] = v
		}
	}
	for at := 0; ; {
		m := ifAt.FindStringSubmatchIndex(text[at:])
		if m == nil {
			return out
		}
		c, end := text[at+m[2]:at+m[3]], at+m[1]
		if raisesHere.MatchString(text[end:]) {
			if from := lastRead(text[:at+m[0]]); from != "" {
				c = notFound.ReplaceAllLiteralString(c, "not exists (select 1 from "+from+")")
			}
			for v, is := range values {
				c = regexp.MustCompile(`(^|[^\w.])`+regexp.QuoteMeta(v)+`($|[^\w.(])`).ReplaceAllString(c, "${1}"+strings.ReplaceAll(is, "$", "$$")+"${2}")
			}
			out = append(out, c)
		}
		at = end
	}
}

// splitList takes a list apart at commas outside of parentheses.
func splitList(s string) (out []string) {
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, strings.TrimSpace(s[from:i])), i+1
			}
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// lastRead gives the table and the conditions of what a text read last, which FOUND is about.
func lastRead(text string) (from string) {
	last := -1
	for form, group := range map[*regexp.Regexp]int{selectInto: 3, performed: 2} {
		for _, m := range form.FindAllStringSubmatchIndex(text, -1) {
			if m[0] > last {
				last, from = m[0], text[m[2*group]:m[2*group+1]]
			}
		}
	}
	return from
}

// unwrapped takes the parentheses around a condition away.
func unwrapped(c string) string {
	c = strings.TrimSpace(c)
	for strings.HasPrefix(c, "(") && closing(c, 0) == len(c)-1 && !strings.HasPrefix(c, "(select ") {
		c = strings.TrimSpace(c[1 : len(c)-1])
	}
	return c
}

// splitAt takes a condition apart at a word outside of parentheses.
func splitAt(c, word string) (out []string) {
	c = unwrapped(c)
	depth, from := 0, 0
	for i := range len(c) {
		switch c[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ' ':
			if depth == 0 && strings.HasPrefix(c[i+1:], word+" ") {
				out = append(out, strings.TrimSpace(c[from:i]))
				from = i + 1 + len(word)
			}
		}
	}
	return append(out, strings.TrimSpace(c[from:]))
}

// demandOf reads the condition that no row may satisfy.
func demandOf(c string) (d demand, ok bool) {
	inner, negated := strings.CutPrefix(c, "not ")
	switch m := within.FindStringSubmatch(unwrapped(inner)); {
	case noRow.MatchString(c):
		m := noRow.FindStringSubmatch(c)
		_, d, ok = pairsOf(m[1]+m[2], "=")
		d.there = true
	case m != nil && negated != (m[2] != ""):
		var what string
		what, d, _ = pairsOf(m[3], "=")
		d.columns, d.refs, ok = append(d.columns, m[1]), append(d.refs, bare(what)), true
	case someRow.MatchString(c):
		query := someRow.FindStringSubmatch(c)[1]
		if _, d, ok = pairsOf(query, "<>"); ok {
			break
		}
		if _, d, ok = pairsOf(query, "="); ok && len(d.wants) == 1 {
			d.wants[0].not = true
		} else {
			ok = false
		}
	case unlike.MatchString(c):
		m := unlike.FindStringSubmatch(c)
		var what string
		if what, d, ok = pairsOf(m[2]+m[3], "="); ok {
			d.columns, d.refs = append(d.columns, m[1]+m[4]), append(d.refs, bare(what))
		}
	default:
		d, ok = stateOf(c)
	}
	return d, ok && d.table != ""
}

// stateOf reads a condition over a cell of another row: (SELECT state FROM table WHERE its cells are those of the row) <> 'open'.
func stateOf(c string) (d demand, ok bool) {
	not := false
	for c = unwrapped(c); strings.HasPrefix(c, "not "); not = !not {
		c = unwrapped(c[len("not "):])
	}
	end := -1
	if strings.HasPrefix(c, "(select ") {
		end = closing(c, 0)
	}
	if end < 0 {
		return d, false
	}
	what, d, ok := pairsOf(c[:end+1], "=")
	if !ok || len(d.wants) > 0 || !itself.MatchString(what) {
		return d, false
	}
	d.wants = []want{{text: what + c[end+1:], not: !not}}
	return d, true
}

// pairsOf reads SELECT what FROM table WHERE its cells are those of the row; one of them is not, for the operator <>.
func pairsOf(query, op string) (what string, d demand, ok bool) {
	m := fromOne.FindStringSubmatch(query)
	if m == nil || strings.Contains(m[3], " or ") {
		return "", d, false
	}
	d.table = m[2]
	differ := false
	for _, c := range splitAt(m[3], "and") {
		p := sameCell.FindStringSubmatch(c)
		if p == nil || !strings.HasPrefix(p[1], "new.") && !strings.HasPrefix(p[3], "new.") {
			if c != "" {
				d.wants = append(d.wants, want{text: c})
			}
			continue
		}
		mine, its := p[1], p[3]
		if !strings.HasPrefix(mine, "new.") {
			mine, its = its, mine
		}
		name, is := strings.CutPrefix(mine, "new.")
		if !is || strings.HasPrefix(its, "new.") {
			continue
		}
		differ = differ || p[2] != "="
		d.columns, d.refs = append(d.columns, name), append(d.refs, bare(its))
	}
	return m[1], d, len(d.columns) > 0 && differ == (op != "=")
}

// bare is a column's name without its table's.
func bare(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }

// demanded gives tables the keys that their triggers ask for.
func (d *draft) demanded() {
	for _, t := range d.tables {
		if t.standing || t.spec != nil {
			continue
		}
		if d.db.Dialect != "sqlite" {
			t.guarded()
		}
		for _, g := range t.schema.Triggers {
			if g.Disabled || !g.Row {
				continue
			}
			for _, want := range demands(g.Body) {
				t.demand(g, want)
			}
		}
	}
}

// demand gives the table a key that a trigger asks for. What agrees with a cell of the other row, and refers to a third
// table itself, lets that cell refer there too.
func (t *table) demand(g *schema.Trigger, want demand) {
	p := t.draft.byName(want.table, t.schema.Schema)
	if p == nil || p == t || p.leadsTo(t, nil) {
		return
	}
	for i, n := range want.columns {
		if t.schema.Column(n) == nil || p.schema.Column(want.refs[i]) == nil || slices.Index(want.columns, n) != i {
			return
		}
	}
	for i, n := range want.columns {
		for _, fk := range t.schema.References() {
			o := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]
			if len(fk.Columns) != 1 || fk.Columns[0] != n || o == nil || o == p || p.standing || o.leadsTo(p, nil) {
				continue
			}
			p.carries(&schema.ForeignKey{Name: "what " + g.Name + " wants", Columns: []string{want.refs[i]}, RefSchema: fk.RefSchema, RefTable: fk.RefTable, RefColumns: fk.RefColumns})
		}
	}
	if len(want.wants) > 0 {
		t.asks = append(t.asks, ask{parent: p, columns: want.columns, refs: want.refs, wants: want.wants})
		p.suits(g.Name, want.wants)
	}
	t.carries(&schema.ForeignKey{Name: "what " + g.Name + " wants", Columns: want.columns, RefSchema: p.schema.Schema, RefTable: p.schema.Name, RefColumns: want.refs})
	for _, n := range want.columns {
		if sc := t.schema.Column(n); want.there && !sc.NotNull {
			t.wanted = append(t.wanted, &check.Check{Name: "what " + g.Name + " wants", Expression: "(" + ident(n) + " IS NOT NULL)", Columns: []string{n}})
			t.columns, t.byName = nil, map[string]*col{}
			t.declare()
		}
	}
}

// carries adds a key that no constraint of the table states.
func (t *table) carries(k *schema.ForeignKey) {
	if slices.ContainsFunc(t.foreignKeys(), func(o *schema.ForeignKey) bool {
		return slices.Equal(o.Columns, k.Columns) && o.RefSchema == k.RefSchema && o.RefTable == k.RefTable
	}) {
		return
	}
	t.carried = append(t.carried, k)
	if !slices.Contains(t.draft.carriers, t) {
		t.draft.carriers = append(t.draft.carriers, t)
	}
}

// leadsTo tells whether a table's keys lead to another one.
func (t *table) leadsTo(to *table, seen []*table) bool {
	if t == to {
		return true
	}
	seen = append(seen, t)
	return slices.ContainsFunc(t.foreignKeys(), func(fk *schema.ForeignKey) bool {
		p := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]
		return p != nil && !slices.Contains(seen, p) && p.leadsTo(to, seen)
	})
}
