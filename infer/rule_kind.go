package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/gen"
)

// goods are words for what shops sell and media hold: where tables are about them, a category is one of theirs.
var goods = []string{"product", "item", "article", "catalog", "catalogue", "shop", "store", "sku", "merchandise", "menu", "good", "listing", "merchant", "brand", "auction"}

// lookupRules recognise tables that list the kinds of something: whatever that is, their names are no names of it.
var lookupRules = []rule{
	{"a kind", texts, func(s *site) bool { return s.is("name", "title", "label") && s.lookup() && !s.unique }, func(s *site) yaml {
		if l := s.listOf("type", "kind"); l != "" {
			return short("word", l)
		}
		if s.about("type") && s.hosts("gym", "trainer") && s.has2("class", "workout") {
			return yaml{}
		}
		if s.about("status") {
			return short("word", "status")
		}
		return short("word", "kind")
	}, 0.75},
}

// kindRules recognise what sorts rows: kinds, types, categories. They come after all rules that know of what.
var kindRules = []rule{
	{"a kind of what the name says", texts, func(s *site) bool { return s.listOf("type", "kind") != "" }, func(s *site) yaml {
		return short("word", s.listOf("type", "kind"))
	}, 0.8},
	{"a category of goods", texts, func(s *site) bool {
		return s.sorts() && s.about(goods...) && (s.sells() || s.besideAny("price", "sku", "stock", "quantity"))
	}, func(s *site) yaml { return short("word", "category") }, 0.75},
	{"what kind of row is meant", texts, func(s *site) bool {
		return s.is("table_name", "tablename", "entity_type", "entity", "object_type", "model", "model_name", "model_type", "resource_type", "resource", "record_type", "subject_type", "target_type", "auditable_type", "commentable_type", "taggable_type")
	}, func(s *site) yaml { return short("word", "entity") }, 0.7},
	{"a source", texts, func(s *site) bool { return s.is("source", "utm_source", "lead_source", "traffic_source") }, func(s *site) yaml { return short("word", "source") }, 0.7},
	{"a channel", texts, func(s *site) bool { return s.ends("channel", "medium") }, func(s *site) yaml { return short("word", "channel") }, 0.7},
	{"a mode", texts, func(s *site) bool { return s.ends("mode") }, func(s *site) yaml { return short("word", "mode") }, 0.65},
	{"a provider", texts, func(s *site) bool { return s.ends("provider", "service_type", "connector") }, func(s *site) yaml { return short("word", "provider") }, 0.65},
	{"a kind", texts, func(s *site) bool { return s.sorts() }, func(s *site) yaml { return short("word", "kind") }, 0.6},
}

// sorts tells whether a column says what kind of thing a row is.
func (s *site) sorts() bool {
	return s.ends("type", "kind", "class", "category", "mode", "format", "level", "variant", "source", "channel", "provider", "medium", "strategy")
}

// sells tells whether the database is about goods.
func (s *site) sells() bool {
	return slices.ContainsFunc(s.table.draft.tables, func(t *table) bool {
		words := t.owner()
		return len(words) > 0 && slices.Contains([]string{"product", "film", "order", "sku", "merchandise", "cart"}, words[len(words)-1])
	})
}

// lookup tells whether the table lists kinds of something: contact_type, job_kinds.
func (s *site) lookup() bool {
	n := len(s.owner)
	return n > 1 && slices.Contains([]string{"type", "kind", "class", "category", "status", "mode", "level"}, s.owner[n-1]) || n == 1 && slices.Contains([]string{"type", "kind"}, s.owner[0])
}

// listOf finds the list of words for the kinds, or the states, of what a column's or its table's name says:
// document_type, or type of documents. last are the words that the column's name ends in; "" is for none.
func (s *site) listOf(last ...string) string {
	n := len(s.words)
	if n == 0 {
		return ""
	}
	end := s.words[n-1]
	of := ""
	switch {
	case slices.Contains(last, end) && n > 1:
		of = strings.Join(s.words[:n-1], "_")
	case slices.Contains(last, end) && len(s.owner) > 0:
		of = s.owner[len(s.owner)-1]
	case s.is("name", "title") && s.lookup() && slices.Contains(last, s.owner[len(s.owner)-1]) && len(s.owner) > 1:
		of = s.owner[len(s.owner)-2]
	default:
		return ""
	}
	if name := of + "_" + last[0]; gen.WordList(name) != nil {
		return name
	}
	return ""
}
