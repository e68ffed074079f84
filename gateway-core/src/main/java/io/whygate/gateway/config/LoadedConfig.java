package io.whygate.gateway.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// A configuration that was read and found right.
///
/// @param settings what it says
/// @param files the files it depends on, certificates and keys included
/// @param warnings what may be used but is hardly meant, such as an upstream without a route
/// @param rendering gives the whole of it as JSON with each value's origin, secrets masked; for any
///   thread
public record LoadedConfig(
    Settings settings, Set<Path> files, List<Problem> warnings, Supplier<String> rendering) {
  public LoadedConfig {
    files = Set.copyOf(files);
    warnings = List.copyOf(warnings);
  }
}
