"use strict";

// ReDoc asks its makers' host for their logo. The policy of the page stops that, with an error on the console. An image
// without data is hidden by ReDoc itself. React sets the attribute first and then the property.
const LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg";
HTMLImageElement.prototype.setAttribute = function (name, value) {
  Element.prototype.setAttribute.call(this, name, value === LOGO ? "data:," : value);
};
Object.defineProperty(HTMLImageElement.prototype, "src", {
  get() { return this.getAttribute("src"); },
  set(value) { this.setAttribute("src", value); },
});
