package dev.longshore.contract;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.longshore.contract.policy.Header;
import java.io.IOException;

/** A header that a policy sets, by its name: {@code Authorization} is set that way too. */
final class HeaderWithoutValueSerializer extends StdSerializer<Header> {
  private static final long serialVersionUID = 1;

  HeaderWithoutValueSerializer() {
    super(Header.class);
  }

  @Override
  public void serialize(Header header, JsonGenerator to, SerializerProvider provider)
      throws IOException {
    to.writeStartObject();
    to.writeStringField("name", header.name());
    to.writeStringField(header.secret() == null ? "value" : "secret", Header.REDACTED);
    to.writeEndObject();
  }
}
