package check

import "bytes"

// sizeFunctions are lengths of texts, bytes and arrays.
var sizeFunctions = []known{
	{
		names: []string{"length", "char_length", "character_length"}, strict: true,
		text: &ofText{[]*typ{firstType}, int4Type, func(m *machine, v []value) value { return integer(runes(v[0].b)) }},
		sqlite: &ofSQLite{1, 1, func(m *machine, v []value) value {
			if v[0].scale == sBlob {
				return sInt(int64(len(v[0].b)))
			}
			b := sTextIn(m, v[0])
			if i := bytes.IndexByte(b, 0); i >= 0 {
				b = b[:i]
			}
			return sInt(runes(b))
		}},
		derive: func(s *solver, x *Call) (derived, bool) { return s.called("length", x.Args[0], kNumeric, kText) },
		narrow: (*narrowing).longs,
	},
	{
		names: []string{"octet_length"}, strict: true,
		sqlite: &ofSQLite{1, 1, func(m *machine, v []value) value { return sInt(int64(len(sTextIn(m, v[0])))) }},
		narrow: (*narrowing).longs,
	},
	{names: []string{"cardinality", "array_length"}, narrow: func(n *narrowing, c comparison) outcome {
		k, ok := n.integer(c.with)
		if !ok || !n.isColumn(c.args[0]) || n.t.kind != kArray {
			return notTold
		}
		if c.name == "array_length" { // null where the array is empty
			if len(c.args) != 2 || (c.op[0] == '<' || c.op == "=" && k == 0) && (c.op == "<>" || k < 0) {
				return notTold
			}
		}
		return n.sized(c.op, k)
	}},
}

// longs holds how long a text is.
func (n *narrowing) longs(c comparison) outcome {
	k, ok := n.integer(c.with)
	if !ok || !n.t.text() && n.t.kind != kBytes {
		return notTold
	}
	inBytes := c.name == "octet_length" || n.t.kind == kBytes
	if n.isColumn(c.args[0]) {
		if n.t.kind == kChar && c.name == "octet_length" {
			return notTold
		}
		return n.length(c.op, k, inBytes)
	}
	inner, _, ok := n.call(c.args[0], "btrim", "trim", "ltrim", "rtrim")
	if !ok || len(inner) != 1 || !n.isColumn(inner[0]) || inBytes {
		return notTold
	}
	if c.op == ">" && k == 0 || c.op == ">=" && k == 1 || c.op == "<>" && k == 0 {
		n.d.Filled = true
		return told
	}
	n.d.Trimmed = true
	return n.length(c.op, k, false)
}

// length holds a bound of a text's or bytea's length.
func (n *narrowing) length(op string, k int64, bytes bool) outcome {
	d := n.d
	if (d.MinLength > 0 || d.MaxLength > 0) && d.Bytes != bytes || k > 1<<30 || k < -1 {
		return notTold
	}
	least, most := int64(d.MinLength), int64(d.MaxLength)
	atMost := func(k int64) bool {
		if most == 0 || k < most {
			most = k
		}
		return k > 0 // 0 would mean no limit
	}
	switch op {
	case ">":
		least = max(least, k+1)
	case ">=":
		least = max(least, k)
	case "<":
		if !atMost(k - 1) {
			return notTold
		}
	case "<=":
		if !atMost(k) {
			return notTold
		}
	case "=":
		least = max(least, k)
		if !atMost(k) {
			return notTold
		}
	case "<>":
		if k != 0 {
			return notTold
		}
		least = max(least, 1)
	}
	d.MinLength, d.MaxLength, d.Bytes = int(least), int(most), bytes
	if most > 0 && least > most {
		return contradicts
	}
	return told
}

// sized holds a bound of an array's length.
func (n *narrowing) sized(op string, k int64) outcome {
	d := n.d
	if k > 1<<20 || k < 0 {
		return notTold
	}
	least, most := int64(d.MinSize), int64(d.MaxSize)
	atMost := func(k int64) bool {
		if most == 0 || k < most {
			most = k
		}
		return k > 0
	}
	ok := true
	switch op {
	case ">":
		least = max(least, k+1)
	case ">=":
		least = max(least, k)
	case "<":
		ok = atMost(k - 1)
	case "<=":
		ok = atMost(k)
	case "=":
		least = max(least, k)
		ok = atMost(k)
	case "<>":
		ok = k == 0
		least = max(least, 1)
	}
	if !ok {
		return notTold
	}
	d.MinSize, d.MaxSize = int(least), int(most)
	if most > 0 && least > most {
		return contradicts
	}
	return told
}
