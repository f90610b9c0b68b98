package blueprint

import (
	"errors"
	"fmt"
	"math"
)

// The arithmetic of expressions. Integers stay integers but for division, which gives a number; what
// does not fit is an error instead of another number.

func add(a, b any) (any, error) {
	if s, ok := a.(string); ok {
		if t, ok := b.(string); ok {
			return s + t, nil
		}
	}
	return arithmetic("+", a, b, func(x, y int) (int, bool) {
		z := x + y
		return z, (z > x) == (y > 0)
	}, func(x, y float64) float64 { return x + y })
}

func subtract(a, b any) (any, error) {
	return arithmetic("-", a, b, func(x, y int) (int, bool) {
		z := x - y
		return z, (z < x) == (y > 0)
	}, func(x, y float64) float64 { return x - y })
}

func multiply(a, b any) (any, error) {
	return arithmetic("*", a, b, func(x, y int) (int, bool) {
		if x == 0 || y == 0 {
			return 0, true
		}
		z := x * y
		return z, z/y == x && !(x == -1 && y == math.MinInt) && !(y == -1 && x == math.MinInt)
	}, func(x, y float64) float64 { return x * y })
}

var errZero = errors.New("division by zero")

func divide(a, b any) (any, error) {
	x, y, err := twoNumbers("/", a, b)
	if err != nil {
		return nil, err
	}
	if y == 0 {
		return nil, errZero
	}
	return x / y, nil
}

func modulo(a, b any) (any, error) {
	x, ok := a.(int)
	y, ok2 := b.(int)
	switch {
	case !ok || !ok2:
		return nil, fmt.Errorf("%% wants two integers, found %s and %s", exprKind(a), exprKind(b))
	case y == 0:
		return nil, errZero
	case y == -1:
		return 0, nil // MinInt % -1
	}
	return x % y, nil
}

func arithmetic(op string, a, b any, ints func(x, y int) (int, bool), floats func(x, y float64) float64) (any, error) {
	if x, ok := a.(int); ok {
		if y, ok := b.(int); ok {
			z, fits := ints(x, y)
			if !fits {
				return nil, errTooLargeInt
			}
			return z, nil
		}
	}
	x, y, err := twoNumbers(op, a, b)
	if err != nil {
		return nil, err
	}
	return floats(x, y), nil
}

func twoNumbers(op string, a, b any) (x, y float64, err error) {
	x, err1 := toFloat(op, a)
	y, err2 := toFloat(op, b)
	if err1 != nil || err2 != nil {
		return 0, 0, fmt.Errorf("%s wants two numbers, found %s and %s", op, exprKind(a), exprKind(b))
	}
	return x, y, nil
}

func exprKind(v any) string {
	switch v.(type) {
	case nil:
		return "no value"
	case bool:
		return "a boolean"
	case int:
		return "an integer"
	case float64:
		return "a number"
	case string:
		return "a text"
	}
	return fmt.Sprintf("%T", v)
}
