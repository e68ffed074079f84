package io.whygate.diagnostics.verdict;

import java.util.List;

/// What one group of causes holds of a case. Pure: the same case, the same opinions.
@FunctionalInterface
public interface VerdictRule {

  /// The causes that this case speaks for, and those that it seemed to speak for and does not.
  List<Opinion> judge(CaseFile file);
}
