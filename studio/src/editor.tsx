// The blueprint's text: colours, completion from the JSON Schema and the tables, and its problems in place.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo, undoDepth } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { unifiedMergeView } from "@codemirror/merge";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "preact/hooks";
import type { Model, Problem } from "./api";
import type { JSONSchema } from "./client";

const colours = HighlightStyle.define([
  { tag: tags.propertyName, class: "y-key" },
  { tag: tags.definition(tags.propertyName), class: "y-key" },
  { tag: tags.string, class: "y-string" },
  { tag: tags.number, class: "y-number" },
  { tag: tags.bool, class: "y-number" },
  { tag: tags.comment, class: "y-comment" },
  { tag: tags.keyword, class: "y-number" },
]);

/** What may stand at the cursor: a generator, one of its arguments, a table or a column. */
function completion(get: () => { model: Model; schema: JSONSchema | null }) {
  return (at: CompletionContext): CompletionResult | null => {
    const word = at.matchBefore(/[\w.]*/);
    if (!word || (word.from === word.to && !at.explicit)) return null;
    const { model, schema } = get();
    const defs = schema?.$defs ?? {};
    const line = at.state.doc.lineAt(at.pos);
    const before = line.text.slice(0, word.from - line.from);
    const names = Object.keys(defs).filter((k) => k.startsWith("arguments.")).map((k) => k.slice("arguments.".length));
    const inside = before.match(/(\w+):\s*\{[^{}]*$/)?.[1];
    if (inside && names.includes(inside)) {
      const s = defs[`arguments.${inside}`];
      const objects = [s, ...(s?.anyOf ?? [])].filter((x) => x?.properties);
      const options = Object.entries(objects[0]?.properties ?? {}).map(([label, p]) => ({ label, type: "property", detail: p.description, apply: `${label}: ` }));
      if (/(?:table|of|each):\s*$/.test(before)) return { from: word.from, options: model.tables.map((t) => ({ label: t.name, type: "class" })) };
      if (options.length > 0) return { from: word.from, options };
    }
    if (/^\s*[\w".]+:\s*\{?$/.test(before)) {
      return { from: word.from, options: names.map((label) => ({ label, type: "function", detail: defs[`arguments.${label}`]?.description })) };
    }
    if (/^\s*$/.test(before)) {
      const words = new Map<string, string>();
      for (const key of Object.keys(schema?.properties ?? {})) words.set(key, "keyword");
      for (const t of model.tables) {
        words.set(t.name, "class");
        for (const c of t.columns) words.set(c.name, "property");
      }
      return { from: word.from, options: [...words].map(([label, type]) => ({ label, type, apply: `${label}: ` })) };
    }
    return { from: word.from, options: model.tables.flatMap((t) => [t.name, ...t.columns.map((c) => c.name)]).map((label) => ({ label })) };
  };
}

function diagnosticsOf(state: EditorState, problems: Problem[]): Diagnostic[] {
  return problems.filter((p) => p.line > 0 && p.line <= state.doc.lines).map((p) => {
    const line = state.doc.line(p.line);
    const from = Math.min(line.to, line.from + Math.max(0, p.column - 1));
    return { from, to: line.to, severity: "error" as const, message: p.hint ? `${p.message}: ${p.hint}` : p.message };
  }).sort((a, b) => a.from - b.from);
}

interface Props {
  model: Model;
  planned: string; // the text that the model is of
  schema: JSONSchema | null;
  nonce: string;
  changed: (text: string, undoable: boolean, typed: boolean) => void;
  against: string | null; // the text that the changes are shown against; null: they are not
  ready: (view: EditorView) => void;
}

export function Editor(p: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(p);
  latest.current = p;
  const compared = useRef(new Compartment());
  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.planned,
        extensions: [
          lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
          highlightActiveLine(), highlightSelectionMatches(), lintGutter(), yaml(), syntaxHighlighting(colours),
          autocompletion({ override: [completion(() => latest.current)] }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
          EditorView.cspNonce.of(latest.current.nonce),
          EditorView.contentAttributes.of({ "aria-label": "blueprint" }),
          EditorView.updateListener.of((u) => { if (u.docChanged) latest.current.changed(u.state.doc.toString(), undoDepth(u.state) > 0, u.transactions.some((x) => x.isUserEvent("input.type") || x.isUserEvent("delete"))); }),
          compared.current.of([]),
        ],
      }),
    });
    made.scrollDOM.tabIndex = 0;
    view.current = made;
    latest.current.ready(made);
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() === p.planned) v.dispatch(setDiagnostics(v.state, diagnosticsOf(v.state, p.model.problems)));
  }, [p.model]);
  useEffect(() => {
    view.current?.dispatch({
      effects: compared.current.reconfigure(p.against === null ? [] : unifiedMergeView({ original: p.against, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } })),
    });
  }, [p.against]);
  return <div class="editor" ref={host} />;
}

export { redo, undo };
