/** Labels as small tags, in the order given, without the one of the alert's name. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const shown = Object.entries(labels).filter(([label]) => label !== 'alertname');
  if (shown.length === 0) return null;
  return (
    <ul class="labels" aria-label="Labels">
      {shown.map(([label, value]) => (
        <li key={label}>
          <bdi>
            {label}={value}
          </bdi>
        </li>
      ))}
    </ul>
  );
}

/** Labels in a line, for a heading or a legend. */
export function labelsInWords(labels: Readonly<Record<string, string>>): string {
  const { alertname, ...rest } = labels;
  const others = Object.entries(rest).map(([label, value]) => `${label}=${value}`);
  return [...(alertname === undefined ? [] : [alertname]), ...others].join(', ');
}
