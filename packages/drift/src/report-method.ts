/** The report's explanation: how a column is judged, and why by two measures. */
import { html, type Html } from '@fraudops/core';
import type { DriftFindings } from './drift-report.js';
import { formatEffect, formatRoundShare } from './number-format.js';

/** Section on the method, with its sources. */
export function methodSection(findings: DriftFindings): Html {
  const { significance, minimumEffect, minimumMissingChange, driftShare } = findings;
  return html`<section>
<h2>How a column is judged</h2>
<div class="method">
<div><h3>Significant</h3><p>The p-value is the chance of a difference at least this large if nothing had changed. Numbers are compared by the two-sample Kolmogorov–Smirnov (KS) test [1, 2], categories and flags by Pearson’s chi-squared test of homogeneity [3]. Below ${significance} a difference is called significant. Of 20 unchanged columns one is expected to be at p &lt; 0.05, which is one reason not to stop here.</p></div>
<div><h3>And large enough to matter</h3><p>With many rows the smallest difference is significant: a p-value does not measure the size of an effect [4, 5]. So the effect must also reach ${minimumEffect}. For numbers it is D, the largest difference between the two shares of values at or below any one point. For categories it is Cramér’s V [6], as if both sides had the same number of rows: 0 for equal shares, 1 for no value in common; 0.1 is small, 0.3 medium, 0.5 large [7].</p></div>
<div><h3>Missing values</h3><p>They are left out of the tests and compared on their own: a column also drifts when the share of rows without a value changes significantly and by at least ${formatRoundShare(minimumMissingChange)} of all rows. Infinite numbers count as missing.</p></div>
<div><h3>The dataset</h3><p>It counts as drifted when at least ${formatRoundShare(driftShare)} of its columns did. A drifted column is a reason to look, not proof that the model got worse; a stable one is no proof that fraud did not change its ways.</p></div>
</div>
${notes(findings)}
<h3 class="sources-head">Sources</h3>
<ol class="sources">
<li>Smirnov, N. (1939). On the estimation of the discrepancy between empirical curves of distribution for two independent samples. <i>Bulletin Mathématique de l’Université de Moscou</i> 2(2).</li>
<li>Hodges, J. L. (1958). The significance probability of the Smirnov two-sample test. <i>Arkiv för Matematik</i> 3, 469–486.</li>
<li>Pearson, K. (1900). On the criterion that a given system of deviations … <i>Philosophical Magazine</i> 50, 157–175. Rare values are pooled after Cochran, W. G. (1954). Some methods for strengthening the common χ² tests. <i>Biometrics</i> 10, 417–451.</li>
<li>Wasserstein, R. L. and Lazar, N. A. (2016). The ASA statement on p-values: context, process, and purpose. <i>The American Statistician</i> 70, 129–133.</li>
<li>Lin, M., Lucas, H. C. and Shmueli, G. (2013). Too big to fail: large samples and the p-value problem. <i>Information Systems Research</i> 24, 906–917.</li>
<li>Cramér, H. (1946). <i>Mathematical Methods of Statistics</i>. Princeton University Press, section 21.9.</li>
<li>Cohen, J. (1988). <i>Statistical Power Analysis for the Behavioral Sciences</i>, 2nd edition. Lawrence Erlbaum, chapter 7.</li>
</ol>
</section>`;
}

function notes({ columns, comparedWith }: DriftFindings): Html | null {
  if (comparedWith === 'table') return null;
  const bound = Math.max(...columns.map((column) => column.statisticErrorBound));
  const accuracy =
    bound === 0 ? 'D is exact' : `the true D is at most ${formatEffect(Math.max(bound, 0.001))} above the one shown`;
  return html`<p class="note profile-note">The reference was compared through its profile, which remembers each number column by at most 1,001 of its values: ${accuracy}. Charts of the reference are drawn from the same values.</p>`;
}
