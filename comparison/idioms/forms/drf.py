from django import forms
from django.urls import reverse_lazy
from django.views.generic import FormView


class RegisterForm(forms.Form):
    username = forms.CharField(min_length=3, max_length=30)
    email = forms.EmailField()
    password = forms.CharField(min_length=8, widget=forms.PasswordInput)


class RegisterView(FormView):
    template_name = "register.html"
    form_class = RegisterForm
    success_url = reverse_lazy("dashboard")
