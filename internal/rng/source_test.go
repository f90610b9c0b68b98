package rng

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// exactMath are the functions and constants of package math that give the same
// result on every platform.
var exactMath = map[string]bool{
	"Sqrt": true, "Floor": true, "Ldexp": true, "Abs": true, "Signbit": true,
	"Float64bits": true, "Float64frombits": true, "Inf": true, "NaN": true,
	"MaxInt32": true, "MaxInt64": true, "MaxFloat64": true, "Sqrt2": true,
}

// TestSourcePortable parses the package and checks that it uses nothing of math
// but exactMath, and that every floating-point product is rounded at once by an
// explicit conversion, so that the compiler must not fuse it with an addition.
func TestSourcePortable(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	if len(parsed) == 0 {
		t.Fatal("no source files")
	}
	checkPortable(t, fset, parsed)
}

// TestSourceCheckWorks makes sure that the check finds what it looks for.
func TestSourceCheckWorks(t *testing.T) {
	for _, c := range []struct {
		body string
		want int
	}{
		{"return float64(x*y) + z", 0},
		{"return x*y + z", 1},
		{"t := x * y; return t + z", 1},
		{"x *= y; return x + z", 1},
		{"return (float64(x*y*z))", 1},
		{"return float64((x * y))", 0},
		{"return math.Sqrt(x) * y", 1},
		{"return float64(math.Sqrt(x) * y)", 0},
		{"return math.FMA(x, y, z)", 1},
		{"f := math.Exp; return f(x)", 1},
		{"n := 3; n *= 2; return float64(n * n)", 0},
		{"const c = 2 * 0.5; return c", 0},
		{"return float64(int64(x) * 3)", 0},
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", `package p; import "math"; func f(x, y, z float64) float64 { `+c.body+` }`, 0)
		if err != nil {
			t.Fatal(err)
		}
		var r recorder
		checkPortable(&r, fset, []*ast.File{f})
		if len(r) != c.want {
			t.Errorf("%s: got %q, want %d complaints", c.body, r, c.want)
		}
	}
}

// recorder collects complaints.
type recorder []string

func (*recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	*r = append(*r, fmt.Sprintf(format, args...))
}

// checkPortable does the work of TestSourcePortable. It type-checks the files
// without their imports, which makes the types of imported things invalid: an
// invalid factor counts as floating-point.
func checkPortable(t interface {
	Helper()
	Errorf(format string, args ...any)
}, fset *token.FileSet, files []*ast.File) {
	t.Helper()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Error: func(error) {}, Importer: noImports{}}
	conf.Check("rng", fset, files, info) //nolint:errcheck // the imports are missing
	float := func(e ast.Expr) bool {
		tv := info.Types[e]
		if tv.Value != nil {
			return false // a constant: exact
		}
		if tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
			return true
		}
		b, ok := tv.Type.Underlying().(*types.Basic)
		return ok && b.Info()&types.IsFloat != 0
	}

	for _, f := range files {
		rounded := map[ast.Expr]bool{} // the operands of conversions
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "float64" && len(n.Args) == 1 {
					rounded[ast.Unparen(n.Args[0])] = true
				}
			case *ast.BinaryExpr:
				if n.Op == token.MUL && float(n) && !rounded[n] {
					t.Errorf("%v: product without explicit conversion", fset.Position(n.Pos()))
				}
			case *ast.AssignStmt:
				if n.Tok == token.MUL_ASSIGN && float(n.Lhs[0]) {
					t.Errorf("%v: product without explicit conversion", fset.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok && id.Name == "math" && !exactMath[n.Sel.Name] {
					t.Errorf("%v: math.%s", fset.Position(n.Pos()), n.Sel.Name)
				}
			case *ast.ImportSpec:
				switch strings.Trim(n.Path.Value, `"`) {
				case "math/rand", "math/rand/v2", "math/cmplx", "unsafe":
					t.Errorf("%v: import %s", fset.Position(n.Pos()), n.Path.Value)
				}
				if n.Name != nil {
					t.Errorf("%v: named import", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

// noImports fails all imports.
type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("no import of %s", path)
}
