package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.memory.Change;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What an incident has hit, and what went before it; for operators.
///
/// @param first the first failing request
/// @param last the latest failing request
/// @param paths failing requests by path, the most first; those of further paths under
///   [#OTHER_PATHS]
/// @param before what became different shortly before the first failure, newest first
/// @param notes what is kept beside the incident by others, by its name, such as the reference of a
///   recording
public record Extent(
    Optional<Hit> first,
    Optional<Hit> last,
    Map<String, Long> paths,
    List<Change> before,
    Map<String, String> notes) {
  public static final Extent NONE =
      new Extent(Optional.empty(), Optional.empty(), Map.of(), List.of(), Map.of());

  /// Stands for all paths beyond those that are counted by themselves.
  public static final String OTHER_PATHS = "*";

  public Extent {
    SequencedMap<String, Long> ordered = new LinkedHashMap<>(paths);
    paths = Collections.unmodifiableMap(ordered);
    before = List.copyOf(before);
    notes = Map.copyOf(notes);
  }

  /// A request that failed, without what identifies or authorises its sender.
  public record Hit(Instant at, String method, String host, String path) {
    static Hit of(RequestFacts request, Instant at) {
      return new Hit(at, request.method(), request.host(), request.path());
    }
  }
}
