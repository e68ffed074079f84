package io.whygate.diagnostics.probe.log;

import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.platform.Platform;
import io.whygate.diagnostics.platform.ProgramName;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Tells whether a program that a log speaks of belongs to an upstream: a kernel, a service manager
/// and a system's log speak of all that run on a machine.
///
/// @param platform what the configuration says that the server runs
/// @param units the programs of the units whose journal is read
/// @param name the upstream's name
record Kin(Optional<Platform> platform, Set<String> units, String name) {

  /// How a program stands to an upstream.
  enum Kinship {
    OWN,
    FOREIGN,
    /// Nothing speaks for or against it.
    UNTOLD
  }

  static Kin of(UpstreamFacts facts) {
    Set<String> units =
        facts.logs().stream()
            .filter(LogSource.Journal.class::isInstance)
            .map(each -> ProgramName.of(((LogSource.Journal) each).unit()))
            .filter(unit -> !unit.equals(LogSource.KERNEL))
            .collect(Collectors.toUnmodifiableSet());
    return new Kin(Platform.named(facts.platform()), units, facts.name().toLowerCase(Locale.ROOT));
  }

  /// How the program of this name stands; as the line writes it.
  Kinship of(String writtenName) {
    String program = ProgramName.of(writtenName);
    if (units.contains(program) || (name.length() > 2 && program.contains(name))) {
      return Kinship.OWN;
    }
    if (ProgramName.isBystander(program)) {
      return Kinship.FOREIGN;
    }
    if (platform.isPresent()) {
      return platform.get().runs(program)
          ? Kinship.OWN
          : Platform.isServer(program) ? Kinship.FOREIGN : Kinship.UNTOLD;
    }
    return Platform.isServer(program) ? Kinship.OWN : Kinship.UNTOLD;
  }
}
