package gen

import (
	"maps"
	"slices"
)

// makers holds every generator of the blueprint language by its name. A new generator is one file and
// one line here.
var makers = map[string]func() Maker{
	"address":    func() Maker { return new(Address) },
	"array":      func() Maker { return new(Array) },
	"boolean":    func() Maker { return new(Boolean) },
	"cell":       func() Maker { return new(Cell) },
	"company":    func() Maker { return new(Company) },
	"constant":   func() Maker { return new(Constant) },
	"date":       func() Maker { return new(Date) },
	"decimal":    func() Maker { return new(Decimal) },
	"expression": func() Maker { return new(Expression) },
	"float":      func() Maker { return new(Float) },
	"integer":    func() Maker { return new(Integer) },
	"internet":   func() Maker { return new(Internet) },
	"latest":     func() Maker { return new(Latest) },
	"object":     func() Maker { return new(Object) },
	"offset":     func() Maker { return new(Offset) },
	"pattern":    func() Maker { return new(Pattern) },
	"person":     func() Maker { return new(Person) },
	"pick":       func() Maker { return new(Pick) },
	"prefix":     func() Maker { return new(Prefix) },
	"prompt":     func() Maker { return new(Prompt) },
	"quota":      func() Maker { return new(Quota) },
	"reference":  func() Maker { return new(Reference) },
	"sequence":   func() Maker { return new(Sequence) },
	"subset":     func() Maker { return new(Subset) },
	"switch":     func() Maker { return new(Switch) },
	"template":   func() Maker { return new(Template) },
	"text":       func() Maker { return new(Text) },
	"time":       func() Maker { return new(Time) },
	"timestamp":  func() Maker { return new(Timestamp) },
	"uuid":       func() Maker { return new(UUID) },
}

// Names gives the names of all generators, sorted. "part" is one that plan itself understands.
func Names() []string {
	return slices.Sorted(maps.Keys(makers))
}

// New gives an empty maker of a generator's name, to be decoded into, or nil where there is none.
func New(name string) Maker {
	if f := makers[name]; f != nil {
		return f()
	}
	return nil
}
