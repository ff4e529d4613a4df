/** The list of cases: what is seen of it is in the document, the rest is a number. */
import type { JSX } from "preact";
import { named, t } from "../../say";
import type { Row } from "../../queue";
import * as shift from "../../shift";
import { Ago, Failure, Loading, Name, Nothing } from "../../parts/ui";
import { VirtualList } from "../../parts/virtual";

const isWide = (): boolean => matchMedia("(min-width: 64rem)").matches;

export function Rows(): JSX.Element {
  const ids = shift.shown.value;
  const { rows, order, open, isComplete } = shift.queue.value;
  const isNarrowed = ids !== order;
  if (shift.failure.value && ids.length === 0) return <Failure error={new Error(shift.failure.value)} retry={() => void shift.load(true)} />;
  if (ids.length === 0) return shift.isLoading.value || !shift.site.value ? <Loading /> : <Nothing>{isNarrowed ? t("queue.none_match") : t("queue.empty")}</Nothing>;
  // Rows that were not read yet have their place, so that the bar tells how long the queue is.
  const count = isComplete || isNarrowed ? ids.length : Math.max(ids.length, open);
  const current = shift.current.value;
  return (
    <VirtualList
      label={t("queue.title")}
      count={count}
      active={current ? ids.indexOf(current) : -1}
      id={(index) => `row-${ids[index] ?? `later-${index}`}`}
      isChosen={(index) => shift.chosen.value.has(ids[index] ?? "")}
      onMove={(index) => void moveTo(index)}
      onOpen={(index) => {
        const id = ids[index];
        if (!id) return;
        shift.open(id, !isWide());
        if (!isWide()) requestAnimationFrame(() => document.getElementById("case-head")?.focus());
      }}
      onToggle={(index) => ids[index] && shift.toggle(ids[index])}
      onRange={(from, to) => shift.choose(ids.slice(Math.min(from, to), Math.max(from, to) + 1))}
      onAll={() => shift.choose(ids)}
      onSeen={(last) => isNarrowed || void shift.reach(last + 1)}
      row={(index) => {
        const row = rows.get(ids[index] ?? "");
        return row ? drawn(row) : <span class="later" aria-label={t("loading")} />;
      }}
    />
  );
}

const rowsDrawn = new WeakMap<Row, JSX.Element>();

/** A row that did not change is the same element, which is not looked at again; what else it shows are signals. */
function drawn(row: Row): JSX.Element {
  const known = rowsDrawn.get(row);
  if (known) return known;
  const made = <CaseRow row={row} />;
  rowsDrawn.set(row, made);
  return made;
}

function CaseRow(props: { row: Row }): JSX.Element {
  const { row } = props;
  const mine = shift.isMine(row.id);
  const other = shift.holder(row.id);
  return (
    <>
      <span class="tick" aria-hidden="true" />
      <span class={`what${mine ? " mine" : ""}`}>
        <span class="line">
          <b>
            <Name>{row.author}</Name>
          </b>
          <span class="tags">
            {mine && <span class="tag mine">{t("row.mine")}</span>}
            {other && (
              <span class="tag other" title={t("queue.held_by", { name: other })}>
                <bdi>{other}</bdi>
              </span>
            )}
            {row.level === "high" && <span class="tag high">{named("level", "high")}</span>}
            <span class="tag">{named("reasonOf", row.reason)}</span>
          </span>
        </span>
        <span class="excerpt" dir="auto">
          {row.excerpt}
        </span>
        <span class="line soft">
          <bdi class="of">{row.section ? `${row.section} · ${row.title}` : row.title}</bdi>
          <Ago at={row.opened} />
        </span>
      </span>
    </>
  );
}

/** To a row by its place, which may first have to be read. */
async function moveTo(index: number): Promise<void> {
  await shift.reach(index);
  const ids = shift.shown.value;
  const id = ids[Math.min(index, ids.length - 1)];
  if (id) shift.open(id);
}
