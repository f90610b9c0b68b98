package sqlite

import (
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// affinity is what SQLite makes of a column's declared type: how it converts what it stores,
// https://www.sqlite.org/datatype3.html.
type affinity uint8

const (
	affBlob affinity = iota // nothing is converted
	affText
	affNumeric
	affInteger
	affReal
)

// number tells whether texts that look like numbers are stored as numbers.
func (a affinity) number() bool { return a >= affNumeric }

// affinityOf applies SQLite's five rules to a declared type.
func affinityOf(declared string) affinity {
	d := strings.ToUpper(declared)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(d, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return affInteger
	case has("CHAR", "CLOB", "TEXT"):
		return affText
	case d == "" || has("BLOB"):
		return affBlob
	case has("REAL", "FLOA", "DOUB"):
		return affReal
	}
	return affNumeric
}

// exactDigits is how many decimal digits a REAL keeps of any number.
const exactDigits = 15

// typeOf gives the type that a column with a declared type holds. SQLite lets any value into any
// column; the name that the application has given says what it means.
//
// Decimals are numbers of 64 bits in the file: an integer where the value is whole, else a REAL, which
// keeps 15 digits. So the precision of a decimal with digits behind the point is at most 15 here,
// whatever its declaration says.
func typeOf(declared string) schema.Type {
	name, args := splitType(declared)
	t := schema.Type{Name: name}
	word, rest, _ := strings.Cut(name, " ")
	switch word {
	case "bool", "boolean":
		t.Kind = column.Bool
	case "serial", "smallserial", "bigserial", "year":
		t.Kind, t.Width = column.Int, 8
	case "uuid", "guid", "uniqueidentifier":
		t.Kind = column.UUID
	case "json":
		t.Kind = column.JSON
	case "jsonb":
		t.Kind = column.JSON
	case "date":
		t.Kind = column.Date
	case "time", "timetz":
		t.Kind, t.Scale, t.Zone = column.Time, 6, word == "timetz" || rest == "with time zone"
	case "datetime", "timestamp", "timestamptz", "datetime2", "datetimeoffset", "smalldatetime":
		t.Kind, t.Scale, t.Zone = column.Timestamp, 6, word == "timestamptz" || rest == "with time zone"
	case "decimal", "numeric", "dec", "number", "money", "smallmoney":
		decimalType(&t, word, args)
	case "string", "char", "character", "varchar", "nchar", "nvarchar", "varchar2", "varyingcharacter", "text", "clob", "citext":
		t.Kind = column.Text
		t.Length = lengthOf(args)
	case "bytea", "binary", "varbinary", "image":
		t.Kind = column.Bytes
	case "interval", "point", "inet", "cidr", "macaddr", "xml":
		t.Kind = column.Literal
	default:
		otherType(&t, declared, args)
	}
	return t
}

// otherType goes by the affinity, which is what SQLite itself makes of a name.
func otherType(t *schema.Type, declared string, args []int) {
	switch affinityOf(declared) {
	case affInteger:
		t.Kind, t.Width = column.Int, 8
	case affReal:
		t.Kind, t.Width = column.Float, 8
	case affText:
		t.Kind, t.Length = column.Text, lengthOf(args)
	case affBlob:
		t.Kind = column.Bytes
		if declared == "" {
			t.Kind = column.Text // no type at all: what goes in comes out
		}
	default:
		t.Kind = column.Literal
	}
}

func lengthOf(args []int) int {
	if len(args) > 0 && args[0] > 0 {
		return args[0]
	}
	return 0
}

func decimalType(t *schema.Type, word string, args []int) {
	t.Kind = column.Decimal
	switch {
	case len(args) > 1:
		t.Precision, t.Scale = args[0], max(0, min(args[1], exactDigits))
	case len(args) > 0:
		t.Precision = args[0]
	case strings.HasSuffix(word, "money"):
		t.Precision, t.Scale = exactDigits, 2
	default:
		return // unconstrained
	}
	most := 18 // of 64 bits
	if t.Scale > 0 {
		most = exactDigits
	}
	t.Precision = max(1, min(t.Precision, most))
}

// splitType parts a declared type into its name, in lower case and with single blanks, and the numbers
// in its parentheses: "character varying" and 20 of "CHARACTER  VARYING (20)".
func splitType(declared string) (name string, args []int) {
	before, inner, ok := strings.Cut(declared, "(")
	if ok {
		list, after, _ := strings.Cut(inner, ")")
		for part := range strings.SplitSeq(list, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil {
				args = nil
				break
			}
			args = append(args, n)
		}
		before += " " + after
	}
	return strings.ToLower(strings.Join(strings.Fields(before), " ")), args
}

// declaredType gives a declaration for a type of any database, one that typeOf reads as the same kind.
func declaredType(t schema.Type) string {
	switch t.Kind {
	case column.Bool:
		return "boolean"
	case column.Int:
		switch t.Width {
		case 2:
			return "smallint"
		case 4:
			return "integer"
		}
		return "bigint"
	case column.Float:
		if t.Width == 4 {
			return "real"
		}
		return "double precision"
	case column.Decimal:
		switch {
		case t.Precision == 0:
			return "numeric"
		case t.Scale == 0:
			return "numeric(" + strconv.Itoa(t.Precision) + ")"
		}
		return "numeric(" + strconv.Itoa(t.Precision) + ", " + strconv.Itoa(t.Scale) + ")"
	case column.Date:
		return "date"
	case column.Time:
		return "time"
	case column.Timestamp:
		if t.Zone {
			return "timestamp with time zone"
		}
		return "timestamp"
	case column.UUID:
		return "uuid"
	case column.JSON:
		return "json"
	case column.Bytes:
		return "blob"
	case column.Literal:
		switch t.Name {
		case "interval", "point", "inet", "cidr", "macaddr", "xml":
			return t.Name
		}
		return "text" // of other names SQLite would make numbers of what looks like one
	}
	if t.Length > 0 {
		return "varchar(" + strconv.Itoa(t.Length) + ")"
	}
	return "text"
}
