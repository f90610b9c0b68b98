package column

// Kind says how the cells of a Vec are held and what they mean.
type Kind uint8

// The kinds. The comment names the field of Vec that holds the cells, and their unit.
const (
	Invalid   Kind = iota
	Bool           // Ints: 0 or 1
	Int            // Ints
	Float          // Floats
	Decimal        // Ints: unscaled, Vec.Scale digits behind the point
	Date           // Ints: days since 1970-01-01
	Time           // Ints: microseconds since midnight
	Timestamp      // Ints: microseconds since 1970-01-01 00:00:00 UTC
	UUID           // Data: 16 bytes a cell, no offsets
	Text           // Data with Offsets: UTF-8
	JSON           // Data with Offsets: canonical JSON text, see AppendJSONString
	Bytes          // Data with Offsets: raw bytes
	Literal        // Data with Offsets: the database's own text form of any other type
)

var kindNames = [...]string{"invalid", "boolean", "integer", "float", "decimal", "date", "time", "timestamp", "uuid", "text", "json", "bytes", "literal"}

// String gives the kind's name as messages show it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// Variable tells whether cells of this kind have a variable length (Data with Offsets).
func (k Kind) Variable() bool { return k >= Text }

// Integer tells whether cells of this kind are held in Ints.
func (k Kind) Integer() bool { return k >= Bool && k <= Timestamp && k != Float }
