package dev.longshore.operator.translate.policy;

import dev.longshore.operator.translate.Problems;

/** A field that asks for what has to be done and this version doesn't do. */
final class NotServed implements Form<Object, Boolean> {
  @Override
  public Object ofText(String text) {
    return text;
  }

  @Override
  public Boolean read(Object value, String path, Problems problems) {
    throw new UnsupportedValueException();
  }

  @Override
  public String accepts() {
    return "not served yet: `UnsupportedValue`, the rules answer 503";
  }
}
