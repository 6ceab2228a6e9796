// The time zone of this very computer, to be taken with one click.

const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
const select = document.querySelector("#time-zone");
const button = document.querySelector("#of-browser");

if (timeZone !== select.value && [...select.options].some(({ value }) => value === timeZone)) {
  button.textContent = `Use ${timeZone}, as this computer does`;
  button.hidden = false;
  button.addEventListener("click", () => {
    select.value = timeZone;
    select.form.requestSubmit();
  });
}
