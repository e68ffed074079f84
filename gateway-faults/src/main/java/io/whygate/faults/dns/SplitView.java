package io.whygate.faults.dns;

import java.util.List;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/// A resolver with a view of its own for some names, as for those of a company's inside: it says
/// what it has of them, and of all others what everybody is told.
///
/// @param inside the names that it has addresses of
/// @param outside what everybody is told
public record SplitView(Zone inside, Role outside) implements Role {
  @Override
  public Message answer(Message query) {
    return of(query).answer(query);
  }

  @Override
  public Message deny(Message query, int rcode) {
    return of(query).deny(query, rcode);
  }

  private Role of(Message query) {
    Name name = query.getQuestion().getName().canonicalize();
    boolean known =
        !inside.find(name, Type.A).isEmpty() && query.getQuestion().getType() != Type.NS;
    return known ? new Authority(List.of(inside)) : outside;
  }
}
