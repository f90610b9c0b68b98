package meaning

import (
	"slices"
	"strings"
)

// Stages names the states through which rows go, by the words of the moments that they have besides the one at which they
// were made: what is no state of its own first, then one for each moment, in the order of life, those that leave the way
// last. owner are the words of their table's name.
func Stages(moments [][]string, owner []string) []string {
	var main, side []string
	at := map[string]int{}
	first := "pending"
	if len(owner) > 0 && set("ticket issue task case bug incident todo card complaint")[owner[len(owner)-1]] {
		first = "open"
	}
	for _, words := range moments {
		name := past(normal(strings.Join(without(words, set("at on date time datetime timestamp ts day actual"), setOf(owner)), "_")))
		s, known := stages[normal(name)]
		if !known || s.at <= 10 || slices.ContainsFunc(words, func(w string) bool { return outlooks[w] }) || at[name] != 0 {
			continue
		}
		if announced[name] {
			first = "draft"
		}
		if started[name] && first == "open" {
			name = "in_progress"
		}
		at[name] = s.at
		if s.side {
			side = append(side, name)
		} else {
			main = append(main, name)
		}
	}
	by := func(a, b string) int { return at[a] - at[b] }
	slices.SortStableFunc(main, by)
	slices.SortStableFunc(side, by)
	switch {
	case len(main)+len(side) == 0:
		return nil
	case len(main) == 0 && len(owner) > 0 && lasting[owner[len(owner)-1]]:
		main = []string{"active"}
	}
	return slices.Concat([]string{first}, main, side)
}

// Further adds states to a list, up to a number of them, that come after those which go on: where the last of these is no
// end, as codes that nobody explains mostly do.
func Further(names []string, most int) []string {
	at := len(names)
	for at > 1 && stages[normal(names[at-1])].side {
		at--
	}
	for _, n := range []string{"completed", "closed"} {
		if s := stages[normal(names[at-1])]; len(names) < most && s.at < stages[n].at && (s.at < 50 || n == "closed" && at > 1 && names[at-1] == "completed") && !slices.Contains(names, n) {
			names = slices.Insert(names, at, n)
			at++
		}
	}
	return names
}

// Status tells whether words are those of a column, or of a table, that says how far rows have come.
func Status(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return statuses[w] })
}

// Plain tells whether the words of a column of states say nothing but that, and what its table is about.
func Plain(words, owner []string) bool { return len(without(words, statuses, setOf(owner))) == 0 }

// lasting are what is in force from its beginning to its end.
var lasting = set("contract subscription membership policy lease agreement account license licence mandate employment tenancy " +
	"plan warranty certificate enrollment enrolment customer member user employee")

// started are the moments from which on somebody works on a row.
var started = set("started start begun begin work_started")
