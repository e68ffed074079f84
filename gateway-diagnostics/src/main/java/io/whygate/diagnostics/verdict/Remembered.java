package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.memory.Recollection.AddressMemory;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What is remembered that bears on a case, as evidence for operators: what is normal there, and
/// what became different before the first failure.
final class Remembered {
  private static final String SELF = "the gateway's own memory";

  private Remembered() {}

  static List<Evidence> evidence(CaseFile file) {
    List<Evidence> found = new ArrayList<>();
    Recollection memory = file.memory();
    Instant began = memory.failingSince().orElse(file.exchange().at());
    memory
        .changeBefore(began)
        .ifPresent(change ->
            found.add(
                new Evidence(
                    "changes", "what changed before", SELF, change.before(began), change.at(), 0)));
    String usual = usual(file);
    if (!usual.isEmpty()) {
      found.add(new Evidence("memory", "what is normal here", SELF, usual, began, 0));
    }
    return found;
  }

  private static String usual(CaseFile file) {
    Recollection memory = file.memory();
    List<String> facts = new ArrayList<>();
    file.address()
        .map(address -> memory.addresses().get(address))
        .ifPresent(known -> at(known, facts));
    Recollection.Habits habits = memory.habits();
    if (habits.largestHeader() > 0) {
      facts.add("the largest header section had " + habits.largestHeader() + " bytes");
    }
    if (habits.idleCloseMillis() > 0) {
      facts.add(
          "the server closes connections that lie idle for " + habits.idleCloseMillis() + " ms");
    }
    if (!memory.identity().server().isEmpty()) {
      facts.add("known as " + memory.identity().server());
    }
    habits.name().ifPresent(name -> facts.add(dns(name)));
    return String.join("; ", facts);
  }

  private static void at(AddressMemory known, List<String> facts) {
    if (known.roundTripMicros() >= 0) {
      facts.add("connects in " + millis(known.roundTripMicros()));
    }
    if (known.firstByteMicros() >= 0) {
      facts.add("answers in " + millis(known.firstByteMicros()));
    }
    facts.add("answered last at " + known.lastSeen());
  }

  private static String dns(Recollection.NameMemory name) {
    return "DNS gave "
        + name.seen().keySet().stream()
            .limit(8)
            .map(InetAddress::getHostAddress)
            .sorted()
            .collect(Collectors.joining(", "))
        + (name.takesTurns() ? " in turns" : "");
  }

  private static String millis(long micros) {
    return micros / 1_000 + "." + micros / 100 % 10 + " ms";
  }
}
