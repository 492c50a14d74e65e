package main

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// securityRules is how many rules the console keeps. The doc comment of the
// test that proves rule N says "security N".
const securityRules = 43

var (
	securityNumber = regexp.MustCompile(`\bsecurity\s+(\d+)\b`)
	reports        = regexp.MustCompile(`^(Error|Errorf|Fatal|Fatalf|Fail|FailNow)$`)
)

// folderTests is what one folder's tests declare.
type folderTests struct {
	funcs map[string][]*ast.FuncDecl // by name; methods too
	told  map[string]string          // name of a test -> its doc comment
}

func readTests(t *testing.T, root string) map[string]*folderTests {
	t.Helper()
	out := map[string]*folderTests{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := goparser.ParseFile(token.NewFileSet(), path, nil, goparser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		if out[dir] == nil {
			out[dir] = &folderTests{map[string][]*ast.FuncDecl{}, map[string]string{}}
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			out[dir].funcs[f.Name.Name] = append(out[dir].funcs[f.Name.Name], f)
			if f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
				out[dir].told[f.Name.Name] = f.Doc.Text()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// canFail tells whether a function can report a failure, by itself or by what
// it calls of its folder's tests. One that skips cannot.
func (f *folderTests) canFail(name string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	fails, skips := false, false
	for _, decl := range f.funcs[name] {
		ast.Inspect(decl.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch fun := call.Fun.(type) {
			case *ast.SelectorExpr:
				skips = skips || strings.HasPrefix(fun.Sel.Name, "Skip")
				fails = fails || reports.MatchString(fun.Sel.Name) || f.canFail(fun.Sel.Name, seen)
			case *ast.Ident:
				fails = fails || f.canFail(fun.Name, seen)
			}
			return true
		})
	}
	return fails && !skips
}

// Each rule of security has a test that names it and can fail.
func TestSecurityRules(t *testing.T) {
	found := map[int][]string{}
	for dir, tests := range readTests(t, "../..") {
		for _, name := range slices.Sorted(maps.Keys(tests.told)) {
			numbers := securityNumber.FindAllStringSubmatch(tests.told[name], -1)
			if len(numbers) > 0 && !tests.canFail(name, map[string]bool{}) {
				t.Errorf("%s in %s names a rule of security, and cannot fail", name, dir)
				continue
			}
			for _, m := range numbers {
				n, _ := strconv.Atoi(m[1])
				if n < 1 || n > securityRules {
					t.Errorf("%s names security %d, which there is not", name, n)
				}
				found[n] = append(found[n], filepath.Base(dir)+"."+name)
			}
		}
	}
	for n := 1; n <= securityRules; n++ {
		if len(found[n]) == 0 {
			t.Errorf("security %d: no test names it", n)
			continue
		}
		t.Logf("security %d: %s", n, strings.Join(found[n], ", "))
	}
}
