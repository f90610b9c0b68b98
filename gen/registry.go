package gen

import (
	"maps"
	"slices"
)

// makers holds every generator of the blueprint language by its name. A new generator is one file and
// one line here.
var makers = map[string]func() Maker{
	"address":    func() Maker { return new(Address) },
	"aggregate":  func() Maker { return new(Aggregate) },
	"array":      func() Maker { return new(Array) },
	"bits":       func() Maker { return new(Bits) },
	"boolean":    func() Maker { return new(Boolean) },
	"bytes":      func() Maker { return new(Bytes) },
	"cell":       func() Maker { return new(Cell) },
	"code":       func() Maker { return new(Code) },
	"company":    func() Maker { return new(Company) },
	"composite":  func() Maker { return new(Composite) },
	"constant":   func() Maker { return new(Constant) },
	"date":       func() Maker { return new(Date) },
	"decimal":    func() Maker { return new(Decimal) },
	"document":   func() Maker { return new(Document) },
	"expression": func() Maker { return new(Expression) },
	"float":      func() Maker { return new(Float) },
	"geometry":   func() Maker { return new(Geometry) },
	"integer":    func() Maker { return new(Integer) },
	"internet":   func() Maker { return new(Internet) },
	"interval":   func() Maker { return new(Interval) },
	"json":       func() Maker { return new(JSON) },
	"latest":     func() Maker { return new(Latest) },
	"list":       func() Maker { return new(List) },
	"network":    func() Maker { return new(Network) },
	"object":     func() Maker { return new(Object) },
	"offset":     func() Maker { return new(Offset) },
	"ordinal":    func() Maker { return new(Ordinal) },
	"pattern":    func() Maker { return new(Pattern) },
	"person":     func() Maker { return new(Person) },
	"pick":       func() Maker { return new(Pick) },
	"prefix":     func() Maker { return new(Prefix) },
	"price":      func() Maker { return new(Price) },
	"prompt":     func() Maker { return new(Prompt) },
	"prose":      func() Maker { return new(Prose) },
	"quota":      func() Maker { return new(Quota) },
	"range":      func() Maker { return new(Range) },
	"reference":  func() Maker { return new(Reference) },
	"sequence":   func() Maker { return new(Sequence) },
	"slot":       func() Maker { return new(Slot) },
	"slug":       func() Maker { return new(Slug) },
	"subset":     func() Maker { return new(Subset) },
	"switch":     func() Maker { return new(Switch) },
	"system":     func() Maker { return new(System) },
	"template":   func() Maker { return new(Template) },
	"text":       func() Maker { return new(Text) },
	"time":       func() Maker { return new(Time) },
	"timestamp":  func() Maker { return new(Timestamp) },
	"uuid":       func() Maker { return new(UUID) },
	"word":       func() Maker { return new(Word) },
}

// Names gives the names of all generators, sorted. "part" is one that plan itself understands.
func Names() []string {
	return slices.Sorted(maps.Keys(makers))
}

// Replace puts another maker in the place of a generator's, as another release of sower would have it, until undo is
// called. It is for tests: no plan may be made meanwhile by others.
func Replace(name string, maker func() Maker) (undo func()) {
	was := makers[name]
	makers[name] = maker
	return func() { makers[name] = was }
}

// New gives an empty maker of a generator's name, to be decoded into, or nil where there is none.
func New(name string) Maker {
	if f := makers[name]; f != nil {
		return f()
	}
	return nil
}
