// Package hostile has texts that break parsers, and watches what parsers do with them. Tests alone import it.
package hostile

import (
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// Texts gives texts of about n bytes that are one thing over and over: nested, chained or repeated.
func Texts(n int) (out []string) {
	for _, unit := range []string{
		"(", "[", "{", `{"a":`, "((", "([{", "not ", "- ", "-", "+ ", "~", "!", "case ", "case when ", "case a when ", "array[", "x[", "f(", "(a,", "cast(",
		"a::", "if a then ", "begin ", "loop ", "insert into a(b) ", "exists (select ", "$", "'", "\"", "/*", "*", "?", "a?", "(?:", "(?", "\\", ":", "? ", "&a [", "- - ", "? - ",
	} {
		out = append(out, strings.Repeat(unit, n/len(unit)), "a"+strings.Repeat(unit, n/len(unit)), strings.Repeat(unit, n/len(unit))+"a")
	}
	for _, pair := range [][2]string{
		{"(", ")"}, {"[", "]"}, {"{", "}"}, {`{"a":`, "}"}, {"case when a then ", " end"}, {"case ", " when a then b when b then c end"}, {"f(", ")"}, {"not (", ")"}, {"(?:", ")*"}, {"(", "|b)"},
		{"if a then ", " end if;"}, {"begin ", " end;"}, {"exists (select ", ")"}, {"coalesce(a,", ")"}, {"(select ", ")"},
	} {
		k := n / (len(pair[0]) + len(pair[1]))
		out = append(out, strings.Repeat(pair[0], k)+"a"+strings.Repeat(pair[1], k))
	}
	for _, link := range []string{
		" or a", " and a", " + a", " || a", " = a", ".a", "::a", "[1]", " is null", " between a and a", " between a and a and a", " in (a)", ", a", ";a", " ? a : a", " ?? a", " ** a", " not in a",
		" collate a", " at time zone a", " like a", "|a", "{2}", "*", "%a", " or a is null", " or a is null and b is not null", " when a then b", "\n", "\n- a", "\na: b", ", *a", ".*a",
	} {
		out = append(out, "a"+strings.Repeat(link, n/len(link)))
	}
	return out
}

// Repeated gives a text a number of times over, for fuzz targets, which find no long texts by themselves.
func Repeated(text string, times uint16) string { return strings.Repeat(text, int(times)%2_000+1) }

// What a parser may take for one text.
const (
	Stack  = 48 << 20    // bytes
	Memory = 1 << 30     // bytes allocated
	Time   = time.Minute // of a busy machine
)

// Watch calls what reads a text, and fails the test where that takes too long or too much memory. A stack that grows
// too large ends the process.
func Watch(t testing.TB, text string, read func()) {
	t.Helper()
	defer debug.SetMaxStack(debug.SetMaxStack(Stack))
	before, start := allocated(), time.Now()
	done := make(chan struct{})
	go func() { // on a stack of its own
		defer close(done)
		read()
	}()
	<-done
	took := time.Since(start)
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	if took > Time {
		t.Errorf("%q: it took %s", text, took)
	}
	if grown := allocated() - before; grown > Memory {
		t.Errorf("%q: it took %d MB", text, grown>>20)
	}
}

// allocated gives the bytes that the process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
