package io.whygate.gateway.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// A configuration that cannot be used, with everything that is wrong in it.
public final class InvalidConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;
  private final transient Set<Path> files;

  public InvalidConfigException(List<Problem> problems, Set<Path> files) {
    this.problems = List.copyOf(problems);
    this.files = Set.copyOf(files);
  }

  public List<Problem> problems() {
    return problems;
  }

  /// The files that were read or wanted: a change of one of them may mend the configuration.
  public Set<Path> files() {
    return files;
  }

  @Override
  public String getMessage() {
    return String.join("\n", problems.stream().map(Problem::toString).toList());
  }
}
