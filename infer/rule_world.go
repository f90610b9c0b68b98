package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/sqlexpr"
)

// common draws countries, currencies, languages and time zones as databases have them: a few come often, above all the
// column's default, and the others not at all. Columns that tell rows apart have the whole list.
func (s *site) common(list string) yaml {
	of := map[string]func(meaning.Land) string{
		"country": func(l meaning.Land) string { return l.Name }, "country_code": func(l meaning.Land) string { return l.Code }, "country_code3": func(l meaning.Land) string { return l.Code3 },
		"currency": func(l meaning.Land) string { return l.Currency }, "language_code": func(l meaning.Land) string { return l.Language }, "locale": func(l meaning.Land) string { return l.Locale },
		"time_zone": func(l meaning.Land) string { return l.Zone }, "language": func(l meaning.Land) string { return l.Tongue },
	}[list]
	if of == nil || s.unique || s.about("country", "currency", "language", "locale", "nation", "timezone") || s.domain.Lower || s.domain.Upper || len(s.domain.Patterns) > 0 {
		return short("word", list)
	}
	usual, given := sqlexpr.Constant(s.column.Default)
	given = given && usual != ""
	var order []string
	weight := map[string]int{}
	add := func(v string, w int) {
		if weight[v] == 0 {
			order = append(order, v)
		}
		weight[v] += w
	}
	if given {
		add(usual, 300)
	}
	for _, l := range meaning.Lands {
		v := of(l)
		if list == "locale" && given {
			switch {
			case strings.Contains(usual, "-"):
				v = strings.ReplaceAll(v, "_", "-")
			case len(usual) == 2:
				v = l.Language
			}
		}
		if s.limit > 0 && len(v) > s.limit {
			continue
		}
		add(v, l.Share)
	}
	if len(order) < 3 {
		return short("word", list)
	}
	slices.SortStableFunc(order, func(a, b string) int { return weight[b] - weight[a] })
	var kv []any
	for _, v := range order {
		kv = append(kv, v, weight[v])
	}
	return call("pick", "weights", mapping(kv...))
}
