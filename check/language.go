package check

import (
	"strconv"

	"github.com/sowerdata/sower/sqlexpr"
)

// The expressions of package sqlexpr, by the names that this package writes them with.
type (
	Expr         = sqlexpr.Expr
	Literal      = sqlexpr.Literal
	ColumnRef    = sqlexpr.ColumnRef
	Param        = sqlexpr.Param
	Unary        = sqlexpr.Unary
	Binary       = sqlexpr.Binary
	Logic        = sqlexpr.Logic
	Not          = sqlexpr.Not
	NullTest     = sqlexpr.NullTest
	BoolTest     = sqlexpr.BoolTest
	DistinctFrom = sqlexpr.DistinctFrom
	AnyOf        = sqlexpr.AnyOf
	CaseWhen     = sqlexpr.CaseWhen
	Call         = sqlexpr.Call
	Cast         = sqlexpr.Cast
	Array        = sqlexpr.Array
	Row          = sqlexpr.Row
	Index        = sqlexpr.Index
	FieldOf      = sqlexpr.FieldOf
	Collate      = sqlexpr.Collate
	When         = sqlexpr.When
	LiteralKind  = sqlexpr.LiteralKind
	TypeName     = sqlexpr.TypeName
)

// The kinds of Literals.
const (
	NullLiteral   = sqlexpr.NullLiteral
	BoolLiteral   = sqlexpr.BoolLiteral
	NumberLiteral = sqlexpr.NumberLiteral
	StringLiteral = sqlexpr.StringLiteral
	BytesLiteral  = sqlexpr.BytesLiteral
)

// Parse, Walk and Columns are those of package sqlexpr.
var (
	Parse   = sqlexpr.Parse
	Walk    = sqlexpr.Walk
	Columns = sqlexpr.Columns
)

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func itoa(n int) string  { return strconv.Itoa(n) }
