package io.whygate.gateway.cli;

import io.whygate.gateway.config.Problem;
import java.util.List;

/// How a reload ended.
sealed interface ReloadResult {

  /// It is in force.
  ///
  /// @param changes what is different now, one sentence each; empty where nothing is
  record Applied(List<String> changes) implements ReloadResult {}

  /// It changed nothing, because of these problems.
  record Rejected(List<Problem> problems) implements ReloadResult {}
}
