package meaning

import (
	"slices"
	"strconv"
)

// recording is what rows are recordings of: sound, or moving pictures.
type recording struct {
	mimes  []Weight
	second int // bytes of a second, at most
}

// recorded tells what a table's rows are recordings of, by its name or by the address of the file; nil for nothing.
func (r *reading) recorded() *recording {
	named := func(words map[string]bool) bool {
		return r.about(words) || slices.ContainsFunc(r.Columns, func(c *Column) bool {
			return c.text() && c.has(words) && c.has(set("url uri file path key"))
		})
	}
	switch {
	case named(set("video film movie clip")):
		return &recording{mimes: []Weight{{"video/mp4", 80}, {"video/webm", 14}, {"video/quicktime", 6}}, second: 300000}
	case named(set("audio podcast song track recording voicemail")):
		return &recording{mimes: []Weight{{"audio/mpeg", 80}, {"audio/mp4", 14}, {"audio/ogg", 6}}, second: 20000}
	}
	return nil
}

// recordings have a file's type and size as such, and are there once they are published: the longer, the larger.
func (r *reading) recordings(mime *Column) bool {
	m := r.recorded()
	if m == nil {
		return false
	}
	var out *When
	if l := r.life(); l != nil {
		if in := l.in("published", stages["published"]); len(in) > 0 && len(in) < len(l.states) {
			out = &When{On: l.column.Name, Values: in}
		}
	}
	within := func(c *Column) {
		if out != nil && c != nil && !c.NotNull && c.Refers == nil && !c.Unique {
			r.only(c, out, 0.85)
		}
	}
	var length, size *Column
	for _, c := range r.Columns {
		switch {
		case c.number() && c.whole() && c.has(set("duration length runtime")) && c.has(set("seconds sec secs")):
			length = c
		case c.whole() && c.has(set("bytes")) && c.has(set("size file content length")):
			size = c
		case c.text() && c.has(set("audio video media file sound enclosure")) && c.has(set("url uri file path")):
			within(c)
		}
	}
	within(length)
	if length != nil && size != nil {
		at := cell(length.Name)
		k := Claim{Column: size.Name, Says: r.Name + "." + size.Name + " goes with " + length.Name, Confidence: 0.85,
			Part: &Part{Of: at + " * " + strconv.Itoa(m.second), Least: 60, Most: 100}, Reads: []string{length.Name}}
		if !length.NotNull && !size.NotNull {
			k.Part.Unless = at + " == nil ? nil : "
		}
		if length.NotNull || !size.NotNull {
			r.claim(k)
		}
	}
	if mime == nil {
		return true
	}
	k := Claim{Column: mime.Name, Says: r.Name + "." + mime.Name + " is what such recordings are", Confidence: 0.86, Weights: m.mimes}
	if out != nil && !mime.NotNull {
		k.Only, k.Reads = out, []string{out.On}
		k.Says += ", where " + out.String()
	}
	r.claim(k)
	return true
}
