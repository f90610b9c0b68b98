package check

import (
	"reflect"
	"slices"
	"strings"
)

// distinct drops states that lie within another one.
func (s *solver) distinct(states []*state) []*state {
	var out []*state
	for i, a := range states {
		within := false
		for j, b := range states {
			if i != j && s.within(a, b) && (j < i || !s.within(b, a)) {
				within = true
				break
			}
		}
		if !within {
			out = append(out, a)
		}
	}
	return out
}

// within tells whether every row of a is one of b, as far as that shows.
func (s *solver) within(a, b *state) bool {
	for name, c := range b.cols {
		own := a.cols[name]
		if own == nil {
			own = &colState{}
			if s.table.Column(name).NotNull {
				own.dom.Null = NotNull
			}
		}
		if !own.dom.within(c.dom) || !subset(c.loose, own.loose) {
			return false
		}
	}
	for _, r := range b.between {
		same := func(o Relation) bool { o.from = r.from; return o == r }
		if !slices.ContainsFunc(a.between, same) && !a.null(r.Left) && !a.null(r.Right) {
			return false
		}
	}
	return len(b.equal) <= len(a.equal) && subset(b.rest, a.rest)
}

func (st *state) null(name string) bool { c := st.cols[name]; return c != nil && c.dom.Null == IsNull }

func subset(a, b []lit) bool {
	for _, l := range a {
		if !slices.ContainsFunc(b, func(o lit) bool { return o.s == l.s && o.e.String() == l.e.String() }) {
			return false
		}
	}
	return true
}

// within tells whether each value of a is one of b, as far as that shows.
func (a Domain) within(b Domain) bool {
	if b.Null != Either && a.Null != b.Null {
		return false
	}
	if a.Null == IsNull {
		return true
	}
	if b.In != nil && (a.In == nil || slices.ContainsFunc(a.In, func(v string) bool { return !slices.Contains(b.In, v) })) {
		return false
	}
	bound := func(a, b *Bound) bool { return b == nil || a != nil && *a == *b }
	least := func(a, b int) bool { return b == 0 || a == b }
	flag := func(a, b bool) bool { return a || !b }
	for _, p := range b.Patterns {
		if !slices.Contains(a.Patterns, p) {
			return false
		}
	}
	for _, v := range b.NotIn {
		if !slices.Contains(a.NotIn, v) && (a.In == nil || slices.Contains(a.In, v)) {
			return false
		}
	}
	return bound(a.Min, b.Min) && bound(a.Max, b.Max) && (b.Multiple == "" || a.Multiple == b.Multiple) && least(a.MinLength, b.MinLength) && least(a.MaxLength, b.MaxLength) &&
		(a.Bytes == b.Bytes || b.MinLength+b.MaxLength == 0) && flag(a.Lower, b.Lower) && flag(a.Upper, b.Upper) && flag(a.Trimmed, b.Trimmed) && flag(a.Filled, b.Filled) &&
		(b.JSON == "" || a.JSON == b.JSON) && (b.Members == nil || reflect.DeepEqual(a.Members, b.Members)) && (b.Items == nil || reflect.DeepEqual(a.Items, b.Items)) && (b.Elements == nil || reflect.DeepEqual(a.Elements, b.Elements)) && least(a.MinSize, b.MinSize) && least(a.MaxSize, b.MaxSize) && flag(a.NoNulls, b.NoNulls)
}

// zero tells whether a domain asks nothing.
func (d Domain) zero() bool { return reflect.DeepEqual(d, Domain{}) }

// choose takes at most limit states, such as differ from one another first.
func (s *solver) choose(states []*state, limit int) []*state {
	if limit <= 0 || len(states) <= limit {
		return states
	}
	seen := map[string]bool{}
	var first, second []*state
	for _, st := range states {
		fresh := false
		for name, c := range st.cols {
			for _, f := range features(name, &c.dom) {
				fresh = fresh || !seen[f]
				seen[f] = true
			}
		}
		if fresh {
			first = append(first, st)
		} else {
			second = append(second, st)
		}
	}
	return append(first, second...)[:limit]
}

// features are what sets states apart.
func features(name string, d *Domain) []string {
	out := []string{name + " null " + string(rune('0'+d.Null))}
	if len(d.In) > 0 && len(d.In) <= 16 {
		for _, v := range d.In {
			out = append(out, name+" = "+v)
		}
	}
	return out
}

// rank puts the states with the fewest nulls and the least left over first.
func (s *solver) rank(states []*state) {
	cost := func(st *state) int {
		n := 0
		for _, c := range st.cols {
			if c.dom.Null == IsNull {
				n += 4
			}
			n += len(c.loose)
		}
		return n + len(st.rest)
	}
	slices.SortStableFunc(states, func(a, b *state) int { return cost(a) - cost(b) })
}

// cases turns states into Cases.
func (s *solver) cases(states []*state, whole []int) []Case {
	out := make([]Case, len(states))
	for i, st := range states {
		k := Case{Columns: map[string]*Domain{}, Between: st.between, Equal: st.equal}
		left := map[int][]string{} // check -> columns that decide it
		for _, w := range whole {
			left[w] = s.checks[w].Columns
		}
		note := func(l lit) {
			for _, c := range Columns(l.e) {
				if !slices.Contains(left[l.from], c) {
					left[l.from] = append(left[l.from], c)
				}
			}
		}
		for _, l := range st.rest {
			note(l)
		}
		for name, c := range st.cols {
			for _, l := range c.loose {
				note(l)
			}
			d := c.dom
			sc := s.table.Column(name)
			free := d
			if sc.NotNull {
				free.Null = Either
			}
			if free.zero() {
				continue
			}
			k.Columns[name] = &d
		}
		for of := range s.checks {
			if cols, ok := left[of]; ok {
				c := *s.checks[of]
				c.Open = cols
				k.Rest = append(k.Rest, &c)
			}
		}
		out[i] = k
	}
	name(out)
	return out
}

// name gives Cases that differ names, from the values and nulls that set them apart.
func name(cases []Case) {
	if len(cases) < 2 {
		return
	}
	columns := map[string]bool{}
	for _, c := range cases {
		for n := range c.Columns {
			columns[n] = true
		}
	}
	var names []string
	for n := range columns {
		names = append(names, n)
	}
	slices.Sort(names)
	values := map[string]map[string]bool{} // column -> its only values in the cases
	nulls := map[string]bool{}             // null in some
	for _, n := range names {
		values[n] = map[string]bool{}
		for _, c := range cases {
			d := c.Columns[n]
			switch {
			case d == nil:
			case d.Null == IsNull:
				nulls[n] = true
			case len(d.In) == 1:
				values[n][d.In[0]] = true
			}
		}
	}
	taken := map[string]bool{}
	for i := range cases {
		var parts []string
		for _, n := range names {
			d := cases[i].Columns[n]
			if d != nil && len(d.In) == 1 && len(values[n]) > 1 {
				parts = append(parts, n+"_"+d.In[0])
			}
		}
		for _, n := range names {
			d := cases[i].Columns[n]
			if len(parts) == 0 && nulls[n] && (d == nil || d.Null != IsNull) {
				parts = append(parts, n)
			}
		}
		if len(parts) == 0 {
			parts = []string{"case_" + itoa(i+1)}
		}
		if len(parts) > 3 {
			parts = parts[:3]
		}
		base := word(strings.Join(parts, "_"))
		out := base
		for k := 2; taken[out]; k++ {
			out = base + "_" + itoa(k)
		}
		taken[out] = true
		cases[i].Name = out
	}
}

// word makes a name of lower-case letters, digits and underscores.
func word(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	out := strings.Trim(b.String(), "_")
	if len(out) > 40 {
		out = out[:40]
	}
	if out == "" {
		return "case"
	}
	return out
}
