package io.whygate.diagnostics.incident;

import java.security.SecureRandom;

/// Makes the ids of incidents: nobody who has one can tell another, since the page of an incident
/// is shown to whoever knows its id.
final class IncidentIds {
  private static final String DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final int LENGTH = 12;

  private final SecureRandom random = new SecureRandom();

  String next() {
    var id = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      id.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    return id.toString();
  }
}
